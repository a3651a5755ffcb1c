/** The other signal, or the end of a time, whichever comes first. */
export interface TimeLimit {
  /** Aborts with the other signal's reason, or with a `TimeoutError`. */
  readonly signal: AbortSignal;
  /** To be called when what was limited is over. */
  end(): void;
}

/**
 * In place of `AbortSignal.any([signal, AbortSignal.timeout(ms)])`, which holds its parts weakly: in Node 20 the timeout
 * never comes once the garbage collector has been by.
 */
export function timeLimit(signal: AbortSignal, ms: number): TimeLimit {
  const limit = new AbortController();
  const follow = (): void => limit.abort(signal.reason);
  const timer = setTimeout(
    () => limit.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
    ms,
  );
  if (signal.aborted) follow();
  signal.addEventListener('abort', follow, { once: true });
  return {
    signal: limit.signal,
    end: () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', follow);
    },
  };
}
