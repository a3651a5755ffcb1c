const FIRST_MS = 1_000;
/** Whatever a server asks: none may have us come back without a pause. */
const LEAST_MS = 50;
const LONGEST_MS = 30_000;

/** How long to stay away from a stream that broke for the nth time (from 0) without a word in between, in milliseconds. */
export function streamDelayMs(failures: number, asked: number | undefined, random: () => number = Math.random): number {
  if (asked !== undefined) return Math.min(Math.max(asked, LEAST_MS), LONGEST_MS);
  const longest = Math.min(LONGEST_MS, FIRST_MS * 2 ** failures);
  // Half of it by chance, so that a hundred gateways do not come back together.
  return longest / 2 + (longest / 2) * random();
}

/** Resolves after the time, or at once when the signal aborts; never keeps the process alive. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    timer.unref();
    signal.addEventListener('abort', done, { once: true });
  });
}
