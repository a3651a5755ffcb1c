import { ProtocolError } from '@modelcontextprotocol/server';
import {
  type AppError,
  asAppError,
  CompanyNotFoundError,
  type Erro,
  InternalError,
  NotFoundError,
  UserInputError,
} from '../errors.ts';
import { INTERNAL_ERROR, INVALID_PARAMS } from './json-rpc.ts';
import type { ServerParts } from './server-parts.ts';

type FailureParts = Pick<ServerParts, 'scrub' | 'onInternalError'>;

/**
 * Any failure of a handler as the JSON-RPC error its client may see: our sentence and `erro` without secrets, never a
 * stack. The detail of a defect is reported under the request id that the client is given.
 */
export function toProtocolError(thrown: unknown, requestId: string, parts: FailureParts): ProtocolError {
  if (thrown instanceof ProtocolError) return thrown;
  const { onInternalError } = parts;
  const error = asAppError(thrown);
  if (error instanceof InternalError) onInternalError?.(error.cause, requestId);
  const callersMistake =
    error instanceof UserInputError || error instanceof NotFoundError || error instanceof CompanyNotFoundError;
  const data = publicErro(error, requestId, parts);
  return new ProtocolError(callersMistake ? INVALID_PARAMS : INTERNAL_ERROR, data.mensagem, data);
}

function publicErro(error: AppError, requestId: string, { scrub = unchanged }: FailureParts): Erro {
  const erro = error.toErro();
  const data = { ...erro, mensagem: scrub(erro.mensagem), id_requisicao: requestId };
  if (data.sugestao !== undefined) data.sugestao = scrub(data.sugestao);
  return data;
}

/** A URI nobody serves has an error of its own (server/resources, "Error handling"; SEP-2164). */
export function toResourceError(thrown: unknown, uri: string, requestId: string, parts: FailureParts): ProtocolError {
  const error = toProtocolError(thrown, requestId, parts);
  if (!(thrown instanceof NotFoundError)) return error;
  return new ProtocolError(INVALID_PARAMS, error.message, { uri, ...publicErro(thrown, requestId, parts) });
}

function unchanged(text: string): string {
  return text;
}
