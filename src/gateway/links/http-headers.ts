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
  'mcp-method',
  'mcp-name',
  'mcp-protocol-version',
  'mcp-session-id',
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

/** Which parameter `Mcp-Name` repeats (2026-07-28, "Standard Request Headers"). */
const NAME_SOURCE: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

export function nameHeader(method: string, params: JsonObject): string | undefined {
  const source = NAME_SOURCE.get(method);
  const value = source === undefined ? undefined : params[source];
  return typeof value === 'string' ? headerValue(value) : undefined;
}

const PLAIN = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;

/** A text as a header can carry it ("Value Encoding"): plain ASCII as it is, anything else as Base64 of its UTF-8. */
export function headerValue(text: string): string {
  const looksEncoded = text.startsWith('=?base64?') && text.endsWith('?=');
  return PLAIN.test(text) && !looksEncoded ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}
