import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

const resolutionMs = 20;
const windowMs = 250;
/** An answer waits about this long for its turn before anybody is turned away. */
const targetMs = 200;
/** Somebody is always let in: without them the gauge would swing between all and nothing. */
const maxShare = 0.95;

export interface LoadGaugeOptions {
  readonly now?: () => number;
  /** The mean delay of the event loop since the last reading, in milliseconds. */
  readonly readDelayMs?: () => number;
  readonly random?: () => number;
}

/**
 * Whether the process has more to do than it can, told by how late its event loop is, and what share of the newcomers to
 * turn away so that the others are served in time. The share grows while the delay stays above the target and shrinks
 * below it; one pause alone (a collection, a large file) turns nobody away.
 */
export class LoadGauge {
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #readDelayMs: () => number;
  #histogram: IntervalHistogram | undefined;
  #share = 0;
  #wasLate = false;
  #readAt: number;

  constructor({ now = () => performance.now(), readDelayMs, random = Math.random }: LoadGaugeOptions = {}) {
    this.#now = now;
    this.#random = random;
    this.#readDelayMs = readDelayMs ?? (() => this.#loopDelayMs());
    this.#readAt = now();
  }

  /** The share of newcomers that is turned away now. */
  get share(): number {
    const elapsed = this.#now() - this.#readAt;
    if (elapsed >= windowMs) this.#adjust(elapsed);
    return this.#share;
  }

  /** Whether this newcomer is one of them. */
  sheds(): boolean {
    const { share } = this;
    return share > 0 && this.#random() < share;
  }

  close(): void {
    this.#histogram?.disable();
  }

  #adjust(elapsed: number): void {
    this.#readAt = this.#now();
    const delay = this.#readDelayMs();
    const late = delay > targetMs;
    if (!late) this.#share = Math.max(0, this.#share - 0.1 * (elapsed / windowMs) * (1 - delay / targetMs));
    else if (this.#wasLate) this.#share = Math.min(maxShare, this.#share + 0.2 * Math.min(2, delay / targetMs - 1));
    this.#wasLate = late;
  }

  #loopDelayMs(): number {
    if (this.#histogram === undefined) {
      this.#histogram = monitorEventLoopDelay({ resolution: resolutionMs });
      this.#histogram.enable();
      return 0;
    }
    const { mean } = this.#histogram;
    this.#histogram.reset();
    // Not one reading in the whole window: nothing else has run in it.
    return Number.isNaN(mean) ? 2 * targetMs : Math.max(0, mean / 1e6 - resolutionMs);
  }
}
