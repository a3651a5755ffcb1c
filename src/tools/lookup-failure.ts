import { type AppError, asAppError } from '../errors.ts';

/**
 * For look-ups that only adorn an answer (names, descriptions): a failure of Omie is handed back, to be told beside the
 * numbers. A cancelled call and a defect of ours are thrown on.
 */
export function toleratedFailure(thrown: unknown): AppError {
  const error = asAppError(thrown);
  if (error.code === 'cancelado' || error.code === 'erro_interno') throw thrown;
  return error;
}
