import { busy } from '../errors.ts';
import { BAD_REQUEST } from '../protocol/error-codes.ts';
import { errorText, type RequestId } from '../protocol/json-rpc.ts';
import type { Refusal } from './http-reply.ts';

const MESSAGE = 'Server busy: too many requests in progress';
const ERRO = busy().toErro();

/** The refusal of a request that would be one too many, and of a POST that carries nothing else. */
export const OVERLOADED: Refusal = {
  status: 503,
  code: BAD_REQUEST,
  message: MESSAGE,
  data: ERRO,
  headers: { 'retry-after': String(ERRO.espera_segundos) },
};

export function overloadText(id: RequestId): string {
  return errorText(id, BAD_REQUEST, MESSAGE, ERRO);
}
