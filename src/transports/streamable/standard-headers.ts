import type { IncomingMessage } from 'node:http';
import { HEADER_MISMATCH } from '../../protocol/error-codes.ts';
import {
  decodeHeaderValue,
  METHOD_HEADER,
  NAME_HEADER,
  NAME_SOURCE,
  PROTOCOL_VERSION_HEADER,
} from '../../protocol/headers.ts';
import type { Fields } from '../../protocol/json-rpc.ts';
import type { Refusal } from '../http-reply.ts';
import { header } from '../request-headers.ts';

export interface StandardHeaders {
  readonly version: string | undefined;
  readonly method: string | undefined;
  readonly name: string | undefined;
}

export function readStandardHeaders(req: IncomingMessage): StandardHeaders {
  return {
    version: header(req, PROTOCOL_VERSION_HEADER),
    method: header(req, METHOD_HEADER),
    name: header(req, NAME_HEADER),
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
