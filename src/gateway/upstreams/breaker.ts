/** Remembers that an upstream keeps failing, so that callers are not made to wait for it again and again. */

export const FAILURES_TO_OPEN = 5;
export const OPEN_FOR_MS = 10_000;

/** `failed`: no answer. Any answer, an error too, proves that somebody is there. */
export type CallOutcome = 'answered' | 'failed' | 'cancelled';

export class UpstreamBreaker {
  readonly #now: () => number;
  #failures = 0;
  #openUntil = 0;
  #probing = false;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Lets no call through for now. */
  get resting(): boolean {
    return this.#openUntil > this.#now() || this.#probing;
  }

  /** The right to send one request, and the way to say how it ended; undefined while it rests. */
  enter(): ((outcome: CallOutcome) => void) | undefined {
    if (this.resting) return undefined;
    const probe = this.#failures >= FAILURES_TO_OPEN;
    this.#probing = probe;
    let told = false;
    return (outcome) => {
      if (told) return;
      told = true;
      if (probe) this.#probing = false;
      if (outcome === 'answered') this.#failures = 0;
      if (outcome !== 'failed') return;
      this.#failures += 1;
      if (this.#failures >= FAILURES_TO_OPEN) this.#openUntil = this.#now() + OPEN_FOR_MS;
    };
  }

  /** A new connection: what the old one met says nothing about it. */
  reset(): void {
    this.#failures = 0;
    this.#openUntil = 0;
  }
}
