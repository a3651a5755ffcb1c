import {
  asAppError,
  CompanyNotFoundError,
  type Erro,
  InternalError,
  NotFoundError,
  OutOfDomainError,
  PermissionError,
  ServerRefusedError,
  UserInputError,
} from '../errors.ts';
import { INTERNAL_ERROR, INVALID_PARAMS } from '../protocol/error-codes.ts';
import type { ServerParts } from './server-parts.ts';
import { secretless } from './without-secrets.ts';

export type FailureParts = Pick<ServerParts, 'scrub' | 'onInternalError'>;

/** The `error` of a JSON-RPC answer. */
export interface RpcFailure {
  readonly code: number;
  readonly message: string;
  readonly data: Erro & Readonly<Record<string, unknown>>;
}

/**
 * Any failure of a handler as the JSON-RPC error its client may see: our sentence and `erro` without secrets, never a
 * stack. The detail of a defect is reported under the request id that the client is given.
 */
export function toRpcFailure(thrown: unknown, requestId: string, parts: FailureParts): RpcFailure {
  const { scrub = unchanged, onInternalError } = parts;
  const error = asAppError(thrown);
  if (error instanceof InternalError) onInternalError?.(error.cause, requestId);
  const callersMistake =
    error instanceof OutOfDomainError ||
    error instanceof PermissionError ||
    error instanceof UserInputError ||
    error instanceof NotFoundError ||
    error instanceof CompanyNotFoundError;
  const erro = error.toErro();
  const data = { ...erro, mensagem: scrub(erro.mensagem), id_requisicao: requestId };
  if (data.sugestao !== undefined) data.sugestao = scrub(data.sugestao);
  const { rpc } = error;
  if (rpc !== undefined)
    return { code: rpc.code, message: data.mensagem, data: { ...secretless(rpc.data, scrub), ...data } };
  const code = callersMistake ? INVALID_PARAMS : INTERNAL_ERROR;
  return { code: error instanceof ServerRefusedError ? error.rpcCode : code, message: data.mensagem, data };
}

function unchanged(text: string): string {
  return text;
}
