import { CancelledError } from '../errors.ts';
import type { StopSignal } from '../stop-signal.ts';
import type { Clock } from './clock.ts';

/**
 * A wake-up that may come before anybody waits for it: what happened between the question and its answer is not missed.
 * `subscribe` is called at once and hands back how to call it off.
 */
export class Alarm {
  readonly #callOff: () => void;
  #rang = false;
  #ring: (() => void) | undefined;

  constructor(subscribe: (wake: () => void) => () => void) {
    this.#callOff = subscribe(() => {
      this.#rang = true;
      this.#ring?.();
    });
  }

  /** Resolves when it rings or has rung, and after `ms`. Throws `CancelledError` as soon as the signal aborts. */
  wait(clock: Clock, ms: number, signal: StopSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(new CancelledError());
      if (this.#rang) return resolve();
      const done = (): void => {
        callOffTimer();
        signal?.removeEventListener('abort', cancel);
        resolve();
      };
      const cancel = (): void => {
        callOffTimer();
        reject(new CancelledError());
      };
      const callOffTimer = clock.after(ms, done);
      this.#ring = done;
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  callOff(): void {
    this.#callOff();
  }
}
