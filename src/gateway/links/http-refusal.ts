/** What an HTTP status other than 200 says about a request. */
import { HttpRefusalError, UpstreamAnswerError, UpstreamBusyError, UpstreamGoneError } from './link-errors.ts';
import type { WireMessage } from './read-message.ts';

export interface HttpReply {
  readonly status: number;
  readonly retryAfter: string | undefined;
  /** The id of the request. */
  readonly id: number;
  /** The JSON-RPC error in the body, if there is one. */
  readonly error: Extract<WireMessage, { kind: 'error' }> | undefined;
}

/** A day: no upstream may park a request for longer. */
const LONGEST_WAIT_MS = 86_400_000;

export function refusalOf({ status, retryAfter, id, error }: HttpReply): Error {
  const retryAfterMs = waitOf(retryAfter);
  // 429 is said before anything is done; a 5xx may come from half-way through, or from a proxy that does not know.
  if (status === 429) return new UpstreamBusyError(retryAfterMs);
  // These three are a proxy's to say, or a server's that serves nobody: no answer to this request, whatever the body says.
  const isAway = status === 502 || status === 503 || status === 504;
  // With another id, or none, it is a refusal from before the request was looked at.
  const isItsOwn = error?.id === id || status < 400 || status >= 500;
  if (error !== undefined && !isAway && isItsOwn)
    return new UpstreamAnswerError(error.code, error.message, { data: error.data, status });
  if (status >= 500) return new UpstreamGoneError(`O servidor falhou (HTTP ${status}).`, { sent: true, retryAfterMs });
  if (status >= 300 && status < 400) {
    return new UpstreamGoneError(`O servidor redireciona (HTTP ${status}); redirecionamentos não são seguidos.`, {
      sent: true,
    });
  }
  if (status < 300) return new UpstreamGoneError(`O servidor não respondeu (HTTP ${status}).`, { sent: true });
  return new HttpRefusalError(status, error);
}

/** What a refusal to hand over the rest of an answer says: nothing about the request, which was taken up before. */
export function lossOf({ status, retryAfter }: HttpReply): UpstreamGoneError {
  const retryAfterMs = waitOf(retryAfter);
  return new UpstreamGoneError(`O resto da resposta se perdeu (HTTP ${status}).`, { sent: true, retryAfterMs });
}

/** Whole seconds or a date (RFC 9110 §10.2.3); anything else is no advice. */
export function waitOf(header: string | undefined, now: number = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d{1,9}$/.test(header.trim()) ? Number(header) * 1_000 : Date.parse(header) - now;
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), LONGEST_WAIT_MS) : undefined;
}
