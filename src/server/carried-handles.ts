import { DOMAIN_HANDLE_META_KEY } from '../protocol/own-meta-keys.ts';
import type { Caller } from '../tools/tool-source.ts';

/** The handle in a request's `_meta`, whatever it is: what is no good one is refused where scopes are known. */
export function carriedHandles(meta: Readonly<Record<string, unknown>> | undefined): Pick<Caller, 'handles'> {
  return meta !== undefined && Object.hasOwn(meta, DOMAIN_HANDLE_META_KEY)
    ? { handles: [meta[DOMAIN_HANDLE_META_KEY]] }
    : {};
}
