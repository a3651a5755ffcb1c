import { randomUUID } from 'node:crypto';
import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { BAD_REQUEST, PARSE_ERROR } from '../protocol/error-codes.ts';
import { errorText, isFields, type JsonText, type RequestId } from '../protocol/json-rpc.ts';
import { type BodyProblem, MAX_BODY_BYTES } from '../server/read-body.ts';

/** One JSON body with its length: a single write to the socket, and no chunk frames. */
export function writeJson(res: ServerResponse, status: number, text: JsonText, headers?: OutgoingHttpHeaders): void {
  if (res.headersSent || res.destroyed) return;
  const bytes = Buffer.byteLength(text);
  if (headers === undefined) res.writeHead(status, ['content-type', 'application/json', 'content-length', bytes]);
  else res.writeHead(status, { 'content-type': 'application/json', 'content-length': bytes, ...headers });
  if (typeof text !== 'string') res.end(text);
  // ASCII is the same in both; Latin-1 Node copies as it is, for UTF-8 it lays out three bytes a character first.
  else res.end(text, bytes === text.length ? 'latin1' : 'utf8');
}

export function writeEmpty(res: ServerResponse, status: number, headers?: OutgoingHttpHeaders): void {
  if (res.headersSent || res.destroyed) return;
  res.writeHead(status, { 'content-length': 0, ...headers });
  res.end();
}

export interface Refusal {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
  readonly headers?: OutgoingHttpHeaders;
}

export const NOT_JSON: Refusal = {
  status: 415,
  code: BAD_REQUEST,
  message: 'Unsupported Media Type: Content-Type must be application/json',
};
/** The rights of whoever asked ended while the body was on its way. */
export const ENDED: Refusal = {
  status: 401,
  code: BAD_REQUEST,
  message: 'Unauthorized',
  headers: { 'www-authenticate': 'Bearer realm="omie-mcp-hub", error="invalid_token"' },
};
export const UNPARSABLE: Refusal = { status: 400, code: PARSE_ERROR, message: 'Parse error: Invalid JSON' };
export const NOT_UTF8: Refusal = { status: 400, code: PARSE_ERROR, message: 'Parse error: not UTF-8' };

/** What was not read of the body would be taken for the next request. */
const CLOSE = { connection: 'close' };
/** Bodies that are no message at any of the doors. */
export const BODY_REFUSALS: Readonly<Record<BodyProblem, Refusal>> = {
  'too-large': {
    status: 413,
    code: BAD_REQUEST,
    message: `Payload Too Large: a message must not exceed ${MAX_BODY_BYTES} bytes`,
    headers: CLOSE,
  },
  coded: {
    status: 415,
    code: BAD_REQUEST,
    message: 'Unsupported Media Type: send the message without Content-Encoding',
    headers: { ...CLOSE, 'accept-encoding': 'identity' },
  },
  'not-text': NOT_UTF8,
};

/**
 * A request that is not served, with the JSON-RPC error the transport chapter asks for in the body. The id in it and in the
 * header stands in the log line that the edge writes of every failed response.
 */
export function refuse(res: ServerResponse, refusal: Refusal, id: RequestId | null = null): void {
  if (res.headersSent || res.destroyed) return;
  const { status, code, message, headers } = refusal;
  const requestId = randomUUID();
  res.setHeader('x-request-id', requestId);
  const data = { ...(isFields(refusal.data) ? refusal.data : {}), id_requisicao: requestId };
  writeJson(res, status, errorText(id, code, message, data), headers);
}
