/** HTTP headers of MCP in the spelling of Node's requests, and how a value is written in one. */
import { PROMPTS_GET, RESOURCES_READ, TOOLS_CALL } from './methods.ts';
export const SESSION_ID_HEADER = 'mcp-session-id';
export const PROTOCOL_VERSION_HEADER = 'mcp-protocol-version';
export const METHOD_HEADER = 'mcp-method';
export const NAME_HEADER = 'mcp-name';
export const PARAMETER_HEADER_PREFIX = 'mcp-param-';

/** Which parameter `Mcp-Name` repeats (2026-07-28, "Standard Request Headers"; SEP-2243, SEP-2663). */
export const NAME_SOURCE: ReadonlyMap<string, string> = new Map([
  [TOOLS_CALL, 'name'],
  [PROMPTS_GET, 'name'],
  [RESOURCES_READ, 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

const PLAIN = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;
const SENTINEL = /^=\?base64\?(.*)\?=$/s;
const CANONICAL_BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A text as a header can carry it ("Value Encoding"): plain ASCII as it is, anything else as Base64 of its UTF-8. */
export function encodeHeaderValue(text: string): string {
  return PLAIN.test(text) && !SENTINEL.test(text) ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`;
}

/** A value as sent, or what its `=?base64?…?=` form stands for; undefined when that form is broken. */
export function decodeHeaderValue(value: string): string | undefined {
  const encoded = SENTINEL.exec(value)?.[1];
  if (encoded === undefined) return value;
  if (!CANONICAL_BASE64.test(encoded)) return undefined;
  try {
    return utf8.decode(Buffer.from(encoded, 'base64'));
  } catch {
    return undefined;
  }
}
