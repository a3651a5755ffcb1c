import { CancelledError } from '../errors.ts';
import type { StopSignal } from '../stop-signal.ts';

/** Time as this room sees it: injected, so that a test can walk through half an hour in a moment. */
export interface Clock {
  /** Milliseconds since 1970. Never goes back. */
  now(): number;
  /** Runs once after `ms`; the returned function calls it off. */
  after(ms: number, run: () => void): () => void;
}

/** setTimeout fires at once for longer delays than this (2^31 − 1 ms, 24 days). */
const MAX_TIMER_MS = 2_147_483_647;

const { timeOrigin } = performance;

export const systemClock: Clock = {
  // The wall clock may be set back; windows and deadlines must not notice.
  now: () => timeOrigin + performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(Math.max(0, ms), MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
};

/** Waits `ms` on the clock. Throws `CancelledError` as soon as the signal aborts. */
export function sleep(clock: Clock, ms: number, signal?: StopSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(new CancelledError());
    const wake = clock.after(ms, () => {
      signal?.removeEventListener('abort', giveUp);
      resolve();
    });
    const giveUp = (): void => {
      wake();
      reject(new CancelledError());
    };
    signal?.addEventListener('abort', giveUp, { once: true });
  });
}
