/**
 * What was sent over a connection that the upstream closed before it began to answer, mostly one that it had kept open
 * for long enough just then, is sent once more if it changes nothing (RFC 9110 §9.2.2, RFC 9112 §9.3.1).
 */
import { CancelledError } from '../../errors.ts';
import { TOOLS_CALL } from '../../protocol/methods.ts';
import type { LinkRequestOptions } from './link.ts';
import { UnansweredError, UpstreamGoneError } from './link-errors.ts';
import type { PendingRequest } from './pending-request.ts';

/** Of all requests only the call of a tool may change what matters; asking twice for the others comes to the same. */
export function mayRepeat(method: string, { readOnly = false }: Pick<LinkRequestOptions, 'readOnly'>): boolean {
  return method !== TOOLS_CALL || readOnly;
}

/**
 * Goes over a connection of its own, because the idle ones are closed together; and only once.
 *
 * @param endsAt on the clock of `performance.now()`
 * @throws what the second try met, or what was lost when that could not even be sent: something was
 */
export async function onceMore(
  lost: unknown,
  options: LinkRequestOptions,
  endsAt: number,
  send: (options: LinkRequestOptions) => PendingRequest,
): Promise<string> {
  if (!(lost instanceof UnansweredError)) throw lost;
  if (options.signal.aborted) throw new CancelledError();
  const timeoutMs = endsAt - performance.now();
  if (timeoutMs <= 0) throw lost;
  const again = send({ ...options, timeoutMs });
  try {
    return await again.promise;
  } catch (thrown) {
    throw again.sent || !(thrown instanceof UpstreamGoneError) ? thrown : lost;
  }
}
