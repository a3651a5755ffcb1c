import type { Caller } from '../tools/tool-source.ts';

/** The key in a request's `_meta` under which a client of 2026-07-28 may carry its domain handle. */
const HANDLE_META_KEY = 'omie-mcp-hub/domain-handle';

/** The handle in a request's `_meta`, whatever it is: what is no good one is refused where scopes are known. */
export function carriedHandles(meta: Readonly<Record<string, unknown>> | undefined): Pick<Caller, 'handles'> {
  return meta !== undefined && Object.hasOwn(meta, HANDLE_META_KEY) ? { handles: [meta[HANDLE_META_KEY]] } : {};
}
