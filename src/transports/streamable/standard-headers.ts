import type { IncomingMessage } from 'node:http';
import { type Fields, HEADER_MISMATCH } from '../../server/json-rpc.ts';
import type { Refusal } from '../http-reply.ts';
import { header } from '../request-headers.ts';

/** Which parameter the `Mcp-Name` header repeats (2026-07-28, "Standard Request Headers"; SEP-2243, SEP-2663). */
const NAME_SOURCE: ReadonlyMap<string, string> = new Map([
  ['tools/call', 'name'],
  ['prompts/get', 'name'],
  ['resources/read', 'uri'],
  ['tasks/get', 'taskId'],
  ['tasks/update', 'taskId'],
  ['tasks/cancel', 'taskId'],
]);

export interface StandardHeaders {
  readonly version: string | undefined;
  readonly method: string | undefined;
  readonly name: string | undefined;
}

export function readStandardHeaders(req: IncomingMessage): StandardHeaders {
  return {
    version: header(req, 'mcp-protocol-version'),
    method: header(req, 'mcp-method'),
    name: header(req, 'mcp-name'),
  };
}

/**
 * The headers a request of 2026-07-28 must carry besides what its body says. The SDK's classifier compares those that
 * are there; that none is missing, and what `Mcp-Name` says, is checked here because the SDK does not export it.
 */
export function standardHeaderProblem(headers: StandardHeaders, method: string, params: Fields): Refusal | undefined {
  if (headers.version === undefined) return mismatch('MCP-Protocol-Version', '(missing)', 'the header is required');
  if (headers.method === undefined) return mismatch('Mcp-Method', '(missing)', `the body names method ${method}`);
  const source = NAME_SOURCE.get(method);
  const expected = source === undefined ? undefined : params[source];
  if (source === undefined || typeof expected !== 'string') return undefined;
  if (headers.name === undefined) return mismatch('Mcp-Name', '(missing)', `the body carries params.${source}`);
  const decoded = decodeHeaderValue(headers.name.trim());
  if (decoded === undefined) return mismatch('Mcp-Name', headers.name, 'the value is not valid Base64 of UTF-8');
  if (decoded !== expected) return mismatch('Mcp-Name', headers.name, `the body carries another params.${source}`);
  return undefined;
}

export function mismatch(name: string, header: string, body: string): Refusal {
  const message = `Bad Request: the request headers and body disagree: ${name}: ${body}`;
  return { status: 400, code: HEADER_MISMATCH, message, data: { mismatch: { header, body } } };
}

const SENTINEL = /^=\?base64\?(.*)\?=$/s;
const CANONICAL_BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const utf8 = new TextDecoder('utf-8', { fatal: true });

/** A value as sent, or what its `=?base64?…?=` form stands for; undefined when that form is broken ("Value Encoding"). */
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
