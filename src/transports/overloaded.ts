import { busy } from '../errors.ts';
import { BAD_REQUEST } from '../protocol/error-codes.ts';
import type { Refusal } from './http-reply.ts';

const ERRO = busy().toErro();

/** The refusal of a request that would be one too many, and of a POST that carries nothing else. */
export const OVERLOADED: Refusal = {
  status: 503,
  code: BAD_REQUEST,
  message: 'Server busy: too many requests in progress',
  data: ERRO,
  headers: { 'retry-after': String(ERRO.espera_segundos) },
};
