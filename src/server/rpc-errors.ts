import { ProtocolError } from '@modelcontextprotocol/server';
import { NotFoundError } from '../errors.ts';
import { INVALID_PARAMS } from '../protocol/error-codes.ts';
import { type FailureParts, toRpcFailure } from './rpc-failure.ts';

/** A failure as the SDK's handlers throw it. */
export function toProtocolError(thrown: unknown, requestId: string, parts: FailureParts): ProtocolError {
  if (thrown instanceof ProtocolError) return thrown;
  const { code, message, data } = toRpcFailure(thrown, requestId, parts);
  return new ProtocolError(code, message, data);
}

/** A URI nobody serves has an error of its own (server/resources, "Error handling"; SEP-2164). */
export function toResourceError(thrown: unknown, uri: string, requestId: string, parts: FailureParts): ProtocolError {
  if (!(thrown instanceof NotFoundError)) return toProtocolError(thrown, requestId, parts);
  const { message, data } = toRpcFailure(thrown, requestId, parts);
  return new ProtocolError(INVALID_PARAMS, message, { uri, ...data });
}
