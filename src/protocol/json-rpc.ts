/**
 * JSON-RPC 2.0 as plain text and plain objects: the little that the fast lane and the transports need of it without
 * asking a schema library.
 */
import { ExactNumber } from './exact-number.ts';

export type RequestId = string | number;
export type Fields = Record<string, unknown>;
/** A JSON text, as its UTF-8 bytes where nobody has to read it; `toString()` gives the text of both. */
export type JsonText = string | Buffer;

/** An object of JSON: a number is none, however it is kept. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

/** MCP allows strings and integers, never null (base protocol, "Requests"). */
export function isRequestId(value: unknown): value is RequestId {
  return typeof value === 'string' || Number.isSafeInteger(value);
}

export function isNotification({ id, method }: Fields): boolean {
  return typeof method === 'string' && id === undefined;
}

export function isResponse(message: Fields): boolean {
  return message['method'] === undefined && isRequestId(message['id']) && ('result' in message || 'error' in message);
}

/** The id to echo in an error: the request's own when it has a usable one, otherwise null. */
export function echoableId(message: unknown): RequestId | null {
  if (!isFields(message) || typeof message['method'] !== 'string') return null;
  const id = message['id'];
  return isRequestId(id) ? id : null;
}

export function resultText(id: RequestId, result: string): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`;
}

export function errorText(id: RequestId | null, code: number, message: string, data?: unknown): string {
  return JSON.stringify({
    jsonrpc: '2.0',
    id,
    error: data === undefined ? { code, message } : { code, message, data },
  });
}

export function notificationText(method: string, params?: Fields): string {
  return JSON.stringify(params === undefined ? { jsonrpc: '2.0', method } : { jsonrpc: '2.0', method, params });
}

/** A JSON-RPC message object at all: requests, notifications and responses share this much. */
export function isMessage(value: unknown): value is Fields {
  return isFields(value) && value['jsonrpc'] === '2.0';
}
