/** The coming of a server: who waits until it is there, or until it is known that it is not. */

import type { StopSignal } from '../../stop-signal.ts';

export class Arrival {
  /** Resolves at the first connection, or when the attempts of the start are used up, with the problem then. */
  readonly started: Promise<string | undefined>;
  #start: (problem: string | undefined) => void = () => {};
  /** Resolves when it was tried once, whatever came of it: a start that need not be complete waits no longer. */
  readonly tried: Promise<void>;
  #firstTry: () => void = () => {};
  readonly #waiting = new Set<() => void>();

  constructor() {
    this.started = new Promise((resolve) => {
      this.#start = resolve;
    });
    this.tried = new Promise((resolve) => {
      this.#firstTry = resolve;
    });
    this.started.then(this.#firstTry);
  }

  attempted(): void {
    this.#firstTry();
  }

  /** The start is over: well, or with a problem. Only the first call counts. */
  over(problem?: string): void {
    this.#start(problem);
  }

  /** Resolves at the next {@link settle}, or when the time is over. */
  settled(timeoutMs: number, signal: StopSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, timeoutMs);
      signal.addEventListener('abort', done, { once: true });
      this.#waiting.add(done);
    });
  }

  /** It is there, or known not to be: whoever waited goes on. */
  settle(): void {
    for (const done of [...this.#waiting]) done();
  }
}
