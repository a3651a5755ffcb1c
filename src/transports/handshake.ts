import { z } from 'zod';
import type { Fields, RequestId } from '../protocol/json-rpc.ts';
import { INITIALIZE } from '../protocol/methods.ts';
import { LEGACY_REVISIONS } from '../protocol/revisions.ts';
import { CAPABILITIES } from '../server/capabilities.ts';
import type { Catalog } from '../server/catalog.ts';
import { serverIdentity } from '../server/identity.ts';
import type { Caller } from '../tools/tool-source.ts';

/** What every client must say of itself; the rest of its capabilities matters only to the SDK's Server. */
export const initializeParams = z.looseObject({
  protocolVersion: z.string(),
  capabilities: z.looseObject({}),
  clientInfo: z.looseObject({ name: z.string(), version: z.string() }),
});

/** An `initialize` request, checked. */
export interface Handshake {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly method: typeof INITIALIZE;
  readonly params: z.output<typeof initializeParams>;
}

/** The handshake in an `initialize` request; undefined when its parameters are wrong. */
export function readHandshake(message: Fields, id: RequestId): Handshake | undefined {
  const { data: params } = initializeParams.safeParse(message['params']);
  return params && { jsonrpc: '2.0', id, method: INITIALIZE, params };
}

/** The revision both sides will speak: the client's when we know it, else our newest (lifecycle, "Version Negotiation"). */
export function negotiate(requested: string): string {
  const [newest = requested] = LEGACY_REVISIONS;
  return LEGACY_REVISIONS.includes(requested) ? requested : newest;
}

/** The result the SDK's Server would give, and what the caller is to know first; a session makes that server only when needed. */
export function initializeResult(catalog: Catalog, caller: Caller, protocolVersion: string): string {
  const instructions = catalog.instructions(caller);
  return JSON.stringify({
    protocolVersion,
    capabilities: CAPABILITIES,
    serverInfo: serverIdentity(catalog),
    ...(instructions === '' ? {} : { instructions }),
  });
}
