/** Which era an upstream speaks, and what it says of itself. */

import { z } from 'zod';
import { UNSUPPORTED_PROTOCOL_VERSION } from '../../protocol/error-codes.ts';
import { isFields } from '../../protocol/json-rpc.ts';
import { SERVER_INFO_META_KEY } from '../../protocol/meta-keys.ts';
import { LATEST_LEGACY_REVISION, LEGACY_REVISIONS, MODERN_REVISION } from '../../protocol/revisions.ts';
import type { JsonObject, LinkInfo, OpenLinkOptions } from './link.ts';
import { UpstreamAnswerError, UpstreamGoneError } from './link-errors.ts';

const UNNAMED = { name: 'unknown', version: '0' };
const implementation = z.object({ name: z.string(), version: z.string() });
const capabilities = z.record(z.string(), z.unknown());

const initializeResult = z.object({
  protocolVersion: z.string(),
  capabilities: capabilities.catch({}),
  serverInfo: implementation.catch(UNNAMED),
  instructions: z.string().optional().catch(undefined),
});

const discoverResult = z.object({
  supportedVersions: z.array(z.string()).min(1),
  capabilities,
  instructions: z.string().optional().catch(undefined),
  _meta: z.record(z.string(), z.unknown()).optional(),
});

export function initializeParams({ clientCapabilities, clientInfo }: OpenLinkOptions): JsonObject {
  return { protocolVersion: LATEST_LEGACY_REVISION, capabilities: clientCapabilities, clientInfo };
}

/** @throws UpstreamGoneError when the answer is no handshake, or a revision we do not know. */
export function readInitialize(text: string, stateful: boolean): LinkInfo {
  const parsed = initializeResult.safeParse(JSON.parse(text));
  if (!parsed.success)
    throw new UpstreamGoneError('A resposta a initialize não é um resultado de initialize.', { sent: false });
  const { protocolVersion, capabilities: can, serverInfo, instructions } = parsed.data;
  if (!LEGACY_REVISIONS.includes(protocolVersion)) {
    throw new UpstreamGoneError('O servidor fala uma revisão do MCP que não se conhece.', { sent: false });
  }
  return { era: 'legacy', protocolVersion, serverInfo, capabilities: can, instructions, stateful };
}

/** The modern era's facts; undefined when the answer to `server/discover` is no evidence of it. */
export function readDiscover(text: string): LinkInfo | undefined {
  const parsed = discoverResult.safeParse(JSON.parse(text));
  if (!parsed.success || !parsed.data.supportedVersions.includes(MODERN_REVISION)) return undefined;
  const { capabilities: can, instructions, _meta: meta } = parsed.data;
  const serverInfo = implementation.catch(UNNAMED).parse(meta?.[SERVER_INFO_META_KEY]);
  return {
    era: 'modern',
    protocolVersion: MODERN_REVISION,
    serverInfo,
    capabilities: can,
    instructions,
    stateful: false,
  };
}

/**
 * What a refused `server/discover` means, as the official client reads it: an old server refuses a method it does not
 * know in many ways, so every refusal is "legacy" but those that would refuse `initialize` just the same.
 *
 * @returns `again` when the upstream names our modern revision after all.
 * @throws the error itself when it is no evidence of any era.
 */
export function eraOfRefusal(error: unknown): 'legacy' | 'again' {
  if (!(error instanceof UpstreamAnswerError)) throw error;
  if (error.status === 401 || error.status === 403) throw error;
  if (error.status !== undefined && error.status >= 500) throw error;
  if (error.code !== UNSUPPORTED_PROTOCOL_VERSION || !isFields(error.data)) return 'legacy';
  const { supported } = error.data;
  if (!Array.isArray(supported) || supported.length === 0) return 'legacy';
  if (supported.includes(MODERN_REVISION)) return 'again';
  if (supported.some((revision) => LEGACY_REVISIONS.includes(String(revision)))) return 'legacy';
  throw error;
}
