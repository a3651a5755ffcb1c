/** One application and method at Omie: how many calls at once it takes, its minute, and who waits. */
import { RateWindow } from './rate-window.ts';

/** Omie's own ceiling for calls in flight of one application and method. */
export const MAX_PARALLEL = 4;
/** How long a method that refused a parallel call is left at one at a time before two are tried again. */
export const SERIAL_FOR_MS = 1_800_000;
/**
 * A method nobody has seen in parallel starts with two calls; the others follow when no refusal came in this time, or in
 * half of what its last call took if that is longer. A method that takes only one at a time so costs one refusal, and one
 * that takes four costs a fraction of a second, once.
 */
export const PROOF_MS = 80;
const LONGEST_PROOF_MS = 1_000;

export interface Waiter {
  readonly grant: () => void;
  readonly giveUp: (reason: Error) => void;
  gone: boolean;
}

export class Lane {
  readonly window: RateWindow;
  readonly waiters: Waiter[] = [];
  waiting = 0;
  inFlight = 0;
  /** No call before this time (ms): Omie asked for a pause. */
  pausedUntil = 0;
  #ceiling = MAX_PARALLEL;
  #raiseAt = 0;
  /** When the first two calls at once will have proved themselves; undefined until two were. */
  #provenAt: number | undefined;
  #lastTookMs: number | undefined;

  constructor(perMinute: number, windowMs: number) {
    this.window = new RateWindow(perMinute, windowMs);
  }

  /** Calls that may be in flight now, 1 to 4. */
  allowance(nowMs: number): number {
    if (this.#ceiling < MAX_PARALLEL && nowMs >= this.#raiseAt) {
      this.#ceiling += 1;
      this.#raiseAt = nowMs + SERIAL_FOR_MS;
    }
    const proven = this.#provenAt !== undefined && nowMs >= this.#provenAt;
    return Math.min(this.#ceiling, proven ? MAX_PARALLEL : 2);
  }

  start(nowMs: number): void {
    this.inFlight += 1;
    this.window.record(nowMs);
    if (this.inFlight >= 2) this.#provenAt ??= nowMs + this.#proofMs();
  }

  get lastTookMs(): number | undefined {
    return this.#lastTookMs;
  }

  finish(tookMs: number | undefined): void {
    this.inFlight -= 1;
    if (tookMs !== undefined) this.#lastTookMs = tookMs;
  }

  #proofMs(): number {
    return Math.min(LONGEST_PROOF_MS, Math.max(PROOF_MS, (this.#lastTookMs ?? 0) / 2));
  }

  /** When a call may go as far as time is concerned; `undefined` when only the end of another call can let it. */
  readyAt(nowMs: number): number | undefined {
    const allowed = this.allowance(nowMs);
    if (this.inFlight < allowed) return Math.max(this.window.freeAt(), this.pausedUntil);
    const proof = this.#provenAt;
    return allowed < this.#ceiling && proof !== undefined && proof > nowMs ? proof : undefined;
  }

  /** Omie said that a call of this method is already running (Client-1880): one at a time for a long while. */
  refusedParallel(nowMs: number): void {
    this.#ceiling = 1;
    this.#raiseAt = nowMs + SERIAL_FOR_MS;
  }

  /** Nothing here that a new lane would not say as well. */
  isIdle(nowMs: number): boolean {
    const quiet = this.inFlight === 0 && this.waiting === 0 && this.pausedUntil <= nowMs;
    // A serial method nobody asks for any more is as good as new when all its half hours are over.
    const raisedAt = this.#raiseAt + (MAX_PARALLEL - this.#ceiling - 1) * SERIAL_FOR_MS;
    return quiet && (this.#ceiling === MAX_PARALLEL || raisedAt <= nowMs) && this.window.used(nowMs) === 0;
  }

  nextWaiter(): Waiter | undefined {
    for (let waiter = this.waiters.shift(); waiter !== undefined; waiter = this.waiters.shift()) {
      if (!waiter.gone) return waiter;
    }
    return undefined;
  }
}
