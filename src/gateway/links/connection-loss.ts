/** What a connection that failed says about the request that was on it. */
import { UnansweredError, UpstreamGoneError } from './link-errors.ts';

/** A sentence for the operator: the code says more than the library's words, and neither says an address. */
export function describe(error: Error): string {
  const code = codeOf(error);
  return code === '' ? 'A conexão caiu.' : `A conexão falhou (${code}).`;
}

/** @param status 0 while no answer has begun */
export function goneBy(cause: Error, sent: boolean, status: number): UpstreamGoneError {
  const Gone = sent && status === 0 && HUNG_UP.has(codeOf(cause)) ? UnansweredError : UpstreamGoneError;
  return new Gone(describe(cause), { sent, cause });
}

const HUNG_UP: ReadonlySet<string> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return code === '' || code === 'UND_ERR_SOCKET' ? codeOf(error.cause) || code : code;
}
