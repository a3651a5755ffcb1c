import {
  encodeHeaderValue,
  METHOD_HEADER,
  NAME_HEADER,
  NAME_SOURCE,
  PROTOCOL_VERSION_HEADER,
  SESSION_ID_HEADER,
} from '../../protocol/headers.ts';
import type { JsonObject } from './link.ts';

/** Where a Streamable HTTP or SSE server is, and what we show it. The caller's own token is never among it. */
export interface HttpTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bearer?: string | undefined;
}

/** Headers that are the transport's to set; an entry that names one would break the protocol or smuggle a request. */
const OURS = new Set([
  'accept',
  'accept-encoding',
  'connection',
  'content-length',
  'content-type',
  'host',
  'last-event-id',
  METHOD_HEADER,
  NAME_HEADER,
  PROTOCOL_VERSION_HEADER,
  SESSION_ID_HEADER,
  'transfer-encoding',
  'upgrade',
]);

/** Names and values in turn, as undici takes them with the least work. */
export function ownHeaders({ headers, bearer }: HttpTarget): string[] {
  const flat: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase();
    if (!OURS.has(lower) && !(lower === 'authorization' && bearer !== undefined)) flat.push(lower, value);
  }
  if (bearer !== undefined) flat.push('authorization', `Bearer ${bearer}`);
  return flat;
}

export function nameHeader(method: string, params: JsonObject): string | undefined {
  const source = NAME_SOURCE.get(method);
  const value = source === undefined ? undefined : params[source];
  return typeof value === 'string' ? encodeHeaderValue(value) : undefined;
}
