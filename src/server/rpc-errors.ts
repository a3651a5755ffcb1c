import { ProtocolError, ResourceNotFoundError } from '@modelcontextprotocol/server';
import { asAppError, NotFoundError, UserInputError } from '../errors.ts';
import { INTERNAL_ERROR, INVALID_PARAMS } from './json-rpc.ts';

/** Any failure of a handler as the JSON-RPC error its client may see: our sentence and `erro`, never a stack. */
export function toProtocolError(thrown: unknown, requestId: string): ProtocolError {
  if (thrown instanceof ProtocolError) return thrown;
  const error = asAppError(thrown);
  const callersMistake = error instanceof UserInputError || error instanceof NotFoundError;
  const data = { ...error.toErro(), id_requisicao: requestId };
  return new ProtocolError(callersMistake ? INVALID_PARAMS : INTERNAL_ERROR, error.message, data);
}

/** A URI nobody serves has an error of its own (server/resources, "Error handling"; SEP-2164). */
export function toResourceError(thrown: unknown, uri: string, requestId: string): ProtocolError {
  if (thrown instanceof NotFoundError) return new ResourceNotFoundError(uri, thrown.message);
  return toProtocolError(thrown, requestId);
}
