import { type Fields, isFields } from '../protocol/json-rpc.ts';
import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
} from '../protocol/meta-keys.ts';
import { MODERN_REVISION } from '../protocol/revisions.ts';
import { logThreshold } from '../server/reporter.ts';

/** The `_meta` of a message's params, when there is one. */
export function metaOf(message: unknown): Fields | undefined {
  if (!isFields(message) || !isFields(message['params'])) return undefined;
  const meta = message['params']['_meta'];
  return isFields(meta) ? meta : undefined;
}

/** A message that names a protocol version in `_meta` claims the per-request envelope of 2026-07-28, well made or not. */
export function claimsEnvelope(message: unknown): boolean {
  return metaOf(message)?.[PROTOCOL_VERSION_META_KEY] !== undefined;
}

/**
 * Whether an envelope is beyond doubt ("Per-Request Metadata"), by hand because it is asked of each call. A false
 * answer is no verdict: the SDK's own check then says what is wrong, or that nothing is.
 */
export function isPlainEnvelope(meta: Fields): boolean {
  const info = meta[CLIENT_INFO_META_KEY];
  const capabilities = meta[CLIENT_CAPABILITIES_META_KEY];
  const level = meta[LOG_LEVEL_META_KEY];
  return (
    meta[PROTOCOL_VERSION_META_KEY] === MODERN_REVISION &&
    isFields(capabilities) &&
    Object.values(capabilities).every(isFields) &&
    (info === undefined ||
      (isFields(info) && typeof info['name'] === 'string' && typeof info['version'] === 'string')) &&
    (level === undefined || logThreshold(level) !== undefined)
  );
}
