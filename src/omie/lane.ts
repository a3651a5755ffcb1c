/** One application and method at Omie: how many calls at once it takes, its minute, and who waits. */
import { RateWindow } from './rate-window.ts';

/** Omie's own ceiling for calls in flight of one application and method. */
export const MAX_PARALLEL = 4;
/** How long a method that refused a parallel call is left at one at a time before two are tried again. */
export const SERIAL_FOR_MS = 1_800_000;
/**
 * A method nobody has seen in parallel starts with two calls; the others follow when two that were under way together have both
 * been answered. Not after some time: a refusal takes as long as the line does, and each call let go before it arrives would cost
 * one more. Together is what they were for this part of the longer one's time at least. Less proves nothing: of two that leave
 * at once, the one on a new connection arrives two journeys after the one on a connection that was there, and may find it gone.
 */
const TOGETHER_PART = 2 / 3;
/** Answered calls to compare with; more than two are seldom under way before the proof. */
const COMPARED = 4;
/**
 * Two who ask in turns, half a call apart, would prove nothing for as long as they ask: after so many calls that ended beside
 * another one, the next two leave together.
 */
const BESIDE_ANOTHER = 4;

/** One call as its answer came (ms). */
interface Answered {
  readonly startedAt: number;
  readonly endedAt: number;
}

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
  /** Omie has answered two calls at once. */
  #proven = false;
  #answered: readonly Answered[] = [];
  /** Calls that ended beside another one and proved nothing. */
  #beside = 0;
  /** Until then (ms) no call joins one that is under way. */
  #joinsAt = 0;
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
    return Math.min(this.#ceiling, this.#proven ? MAX_PARALLEL : 2);
  }

  start(nowMs: number): void {
    this.inFlight += 1;
    this.window.record(nowMs);
  }

  get lastTookMs(): number | undefined {
    return this.#lastTookMs;
  }

  /** A call that was sent has ended, `answered` when Omie did what it was asked. */
  finish(startedAt: number, endedAt: number, answered: boolean): void {
    this.inFlight -= 1;
    this.#lastTookMs = endedAt - startedAt;
    if (this.#proven || !answered) return;
    const call = { startedAt, endedAt };
    this.#proven = this.#answered.some((other) => wereTogether(call, other));
    this.#answered = this.#proven ? [] : [...this.#answered.slice(1 - COMPARED), call];
    if (this.#proven || this.inFlight === 0) return;
    this.#beside += 1;
    if (this.#beside < BESIDE_ANOTHER) return;
    this.#beside = 0;
    // The other one has ended by then, or hangs and is not worth waiting for.
    this.#joinsAt = endedAt + 2 * this.#lastTookMs;
  }

  /** A turn that was given back: nothing was sent. */
  giveBack(): void {
    this.inFlight -= 1;
  }

  /** When a call may go as far as time is concerned; `undefined` when only the end of another call can let it. */
  readyAt(nowMs: number): number | undefined {
    if (this.inFlight >= this.allowance(nowMs)) return undefined;
    if (this.inFlight === 0) this.#joinsAt = 0;
    return Math.max(this.window.freeAt(), this.pausedUntil, this.#joinsAt);
  }

  /** Omie said that a call of this method is already running (Client-1880): one at a time for a long while. */
  refusedParallel(nowMs: number): void {
    this.#ceiling = 1;
    this.#proven = false;
    this.#answered = [];
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

function wereTogether(one: Answered, other: Answered): boolean {
  const together = Math.min(one.endedAt, other.endedAt) - Math.max(one.startedAt, other.startedAt);
  const longer = Math.max(one.endedAt - one.startedAt, other.endedAt - other.startedAt);
  return together > 0 && together >= TOGETHER_PART * longer;
}
