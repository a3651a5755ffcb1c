/** Requests and notifications as JSON-RPC text, with the envelope of 2026-07-28 where the era wants it. */
import { ExactNumber, exactJson } from '../../protocol/exact-number.ts';
import { isFields } from '../../protocol/json-rpc.ts';
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
} from '../../protocol/meta-keys.ts';
import { PROGRESS } from '../../protocol/methods.ts';
import { MODERN_REVISION } from '../../protocol/revisions.ts';
import type { JsonObject, LinkInfo, ModernParts } from './link.ts';

/** Who we say we are. In the modern era every request says it. */
export interface ClientFace {
  readonly clientInfo: { readonly name: string; readonly version: string };
  readonly clientCapabilities: JsonObject;
}

export type ProgressToken = string | number | ExactNumber;

/** The caller's own progress token, if it wants progress. */
export function progressTokenOf(params: JsonObject): ProgressToken | undefined {
  const meta = params['_meta'];
  const token = isFields(meta) ? meta['progressToken'] : undefined;
  return typeof token === 'string' || typeof token === 'number' || token instanceof ExactNumber ? token : undefined;
}

/**
 * A request's text. The progress token becomes our own id: many callers share one upstream, and each numbers its tokens
 * from one. Version and name in `_meta` are always ours.
 */
export function requestText(
  id: number,
  method: string,
  params: JsonObject,
  era: LinkInfo['era'],
  face: ClientFace,
  modern: ModernParts = {},
): string {
  const wantsProgress = progressTokenOf(params) !== undefined;
  if (era === 'legacy' && !wantsProgress) return exactJson({ jsonrpc: '2.0', id, method, params });
  const given = isFields(params['_meta']) ? params['_meta'] : {};
  const token = wantsProgress ? { progressToken: id } : {};
  if (era === 'legacy')
    return exactJson({ jsonrpc: '2.0', id, method, params: { ...params, _meta: { ...given, ...token } } });
  const { inputResponses, requestState } = modern;
  const meta = { ...given, ...envelope(face, modern), ...token };
  return exactJson({
    jsonrpc: '2.0',
    id,
    method,
    params: { ...params, inputResponses, requestState, _meta: meta },
  });
}

function envelope({ clientInfo, clientCapabilities }: ClientFace, { capabilities, logLevel }: ModernParts): JsonObject {
  return {
    [CLIENT_CAPABILITIES_META_KEY]: capabilities ?? clientCapabilities,
    [PROTOCOL_VERSION_META_KEY]: MODERN_REVISION,
    [CLIENT_INFO_META_KEY]: clientInfo,
    ...(logLevel === undefined ? {} : { [LOG_LEVEL_META_KEY]: logLevel }),
  };
}

/** A progress notification as its caller expects it; any other as it is; undefined for somebody else's progress. */
export function ownNotification(
  method: string,
  params: JsonObject,
  id: number,
  token: ProgressToken | undefined,
): JsonObject | undefined {
  if (method !== PROGRESS) return params;
  if (params['progressToken'] !== id || token === undefined) return undefined;
  return { ...params, progressToken: token };
}
