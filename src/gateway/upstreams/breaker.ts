/** Remembers that an upstream keeps failing, so that callers are not made to wait for it again and again. */

export const FAILURES_TO_OPEN = 5;
export const OPEN_FOR_MS = 10_000;

/** `failed`: no answer. Any answer, an error too, proves that somebody is there. */
export type CallOutcome = 'answered' | 'failed' | 'cancelled';
/**
 * `heard`: a question or a step on the way to the answer. It ends a row of failures that is not yet one too many. Behind
 * that it proves no more than that others need not wait for the request that tries: only an answer closes what is open.
 */
export type CallNews = CallOutcome | 'heard';

export class UpstreamBreaker {
  readonly #now: () => number;
  #failures = 0;
  #openUntil = 0;
  /** When the one request left that is let through to try. */
  #probe: { readonly since: number } | undefined;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** Lets no call through for now. */
  get resting(): boolean {
    return this.restsForMs > 0;
  }

  /** How long it lets no call through at most; 0 when it does. */
  get restsForMs(): number {
    const now = this.#now();
    // A slow tool gives no sign until it is done: others need not wait for it longer than for a server that failed.
    const probedUntil = this.#probe === undefined ? 0 : this.#probe.since + OPEN_FOR_MS;
    return Math.max(0, this.#openUntil - now, probedUntil - now);
  }

  /** The right to send one request, and the way to say how it goes; undefined while it rests. */
  enter(): ((news: CallNews) => void) | undefined {
    if (this.resting) return undefined;
    const probe = this.#failures >= FAILURES_TO_OPEN ? { since: this.#now() } : undefined;
    this.#probe = probe;
    let ended = false;
    return (news) => {
      if (ended) return;
      ended = news !== 'heard';
      if (this.#probe === probe) this.#probe = undefined;
      const isAlive = news === 'heard' && this.#failures < FAILURES_TO_OPEN;
      if (news === 'answered' || isAlive) this.#failures = 0;
      if (news !== 'failed') return;
      this.#failures += 1;
      if (this.#failures >= FAILURES_TO_OPEN) this.#openUntil = this.#now() + OPEN_FOR_MS;
    };
  }

  /** A new connection: what the old one met says nothing about it. */
  reset(): void {
    this.#failures = 0;
    this.#openUntil = 0;
    this.#probe = undefined;
  }
}
