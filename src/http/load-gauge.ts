import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks';

const resolutionMs = 20;
const windowMs = 250;
/** An answer waits about this long for its turn before anybody is turned away. */
const targetMs = 200;
/** A process that gets less of a core than this is starved by others: to turn its clients away would help nobody. */
const minCpuShare = 0.3;
/** Somebody is always let in: without them the gauge would swing between all and nothing. */
const maxShare = 0.95;

export interface LoadGaugeOptions {
  readonly now?: () => number;
  /** The mean delay of the event loop since the last reading, in milliseconds. */
  readonly readDelayMs?: (() => number) | undefined;
  /** Milliseconds of processor time this process has used. */
  readonly readCpuMs?: () => number;
  readonly random?: () => number;
}

/**
 * Whether the process has more to do than it can, told by how late its event loop is, and what share of the newcomers to
 * turn away so that the others are served in time. The share grows while the delay stays above the target and shrinks
 * below it; one pause alone (a collection, a large file) turns nobody away, nor does a machine that is busy with others.
 */
export class LoadGauge {
  readonly #now: () => number;
  readonly #random: () => number;
  readonly #readDelayMs: () => number;
  readonly #readCpuMs: () => number;
  #histogram: IntervalHistogram | undefined;
  #share = 0;
  #wasLate = false;
  #readAt: number;
  #cpuMs: number;

  constructor(options: LoadGaugeOptions = {}) {
    const { now = () => performance.now(), readDelayMs, readCpuMs = cpuMs, random = Math.random } = options;
    this.#now = now;
    this.#readCpuMs = readCpuMs;
    this.#cpuMs = readCpuMs();
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
    const working = this.#cpuShare(elapsed) >= minCpuShare;
    const late = working && delay > targetMs;
    if (!late)
      this.#share = Math.max(0, this.#share - 0.1 * (elapsed / windowMs) * Math.max(0.1, 1 - delay / targetMs));
    else if (this.#wasLate) this.#share = Math.min(maxShare, this.#share + 0.2 * Math.min(2, delay / targetMs - 1));
    this.#wasLate = late;
  }

  /** What part of a core the process has used since the last reading. */
  #cpuShare(elapsed: number): number {
    const before = this.#cpuMs;
    this.#cpuMs = this.#readCpuMs();
    return (this.#cpuMs - before) / elapsed;
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

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
