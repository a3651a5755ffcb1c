import type { IncomingHttpHeaders } from 'node:http';
import { isFields, isRequestId } from '../protocol/json-rpc.ts';

/**
 * Puts a `traceparent` header where MCP itself carries it, `_meta.traceparent`, unless the message has one there (SEP-414):
 * from then on every transport looks the same.
 */
export function adoptTraceparent(message: unknown, { traceparent }: IncomingHttpHeaders): void {
  if (typeof traceparent !== 'string') return;
  for (const one of Array.isArray(message) ? message : [message]) {
    if (!isFields(one) || !isRequestId(one['id']) || typeof one['method'] !== 'string') continue;
    const params = isFields(one['params']) ? one['params'] : undefined;
    if (params === undefined && one['params'] !== undefined) continue;
    const meta = params?.['_meta'];
    if (meta !== undefined && !isFields(meta)) continue;
    one['params'] = { ...params, _meta: { traceparent, ...meta } };
  }
}
