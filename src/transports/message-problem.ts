import { type Fields, isMessage, isRequestId, isResponse } from '../protocol/json-rpc.ts';

/** Why a parsed text is no message of JSON-RPC 2.0 as MCP knows them (base protocol, "Messages"); undefined when it is one. */
export function messageProblem(message: unknown): string | undefined {
  if (!isMessage(message)) return 'Invalid Request: not a JSON-RPC 2.0 message';
  const { id, method } = message;
  if (typeof method === 'string') {
    return id === undefined || isRequestId(id) ? undefined : 'Invalid Request: id must be a string or an integer';
  }
  return isResponse(message) ? undefined : 'Invalid Request: neither a request, a notification nor a response';
}

export function isWellFormed(message: unknown): message is Fields {
  return messageProblem(message) === undefined;
}
