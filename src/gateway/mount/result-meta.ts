import type { Fields } from '../../protocol/json-rpc.ts';
import { SERVER_INFO_META_KEY } from '../../protocol/meta-keys.ts';
import { SERVED_BY_META_KEY } from '../../protocol/own-meta-keys.ts';

/**
 * What a mounted server said in `_meta` of a result, and which server it was. What it calls itself stays here: to a client the
 * one who answers is this server (2026-07-28, "serverInfo on every response").
 */
export function resultMeta(theirs: Readonly<Fields> | undefined, servedBy: string): Readonly<Fields> {
  const { [SERVER_INFO_META_KEY]: _, ...meta } = theirs ?? {};
  return { ...meta, [SERVED_BY_META_KEY]: servedBy };
}
