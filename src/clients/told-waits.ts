import type { HoldOff } from './hold-off.ts';
import { type ReconnectPolicy, reconnectDelayMs } from './reconnect-delay.ts';

export interface WaitLimits {
  /** A server's `Retry-After` counts up to here: its limits are by the minute. */
  readonly longestHoldMs: number;
  /** So long is waited for a server that refuses and answers nothing in between. */
  readonly holdLimitMs: number;
  /** Omie refuses the same question for a minute; who is told to wait longer is told something else. */
  readonly longestOmieWaitMs: number;
  /** What one question waits for Omie in all. */
  readonly omieLimitMs: number;
}
export const defaultWaitLimits: WaitLimits = {
  longestHoldMs: 65_000,
  holdLimitMs: 130_000,
  longestOmieWaitMs: 62_000,
  omieLimitMs: 75_000,
};

/** Resolves after `timeMs`, or when the signal aborts. */
export type Pause = (timeMs: number, signal: AbortSignal) => Promise<void>;

export interface WaitParts {
  readonly limits?: WaitLimits | undefined;
  /** For a refusal that names no time. */
  readonly reconnect: ReconnectPolicy;
  readonly random: () => number;
  readonly pause: Pause;
  /** All wait for the server, so long; told once for each wait. */
  readonly onHold: (holdOff: HoldOff, waitMs: number) => void;
  /** Omie wants so long between a question and its repetition; told once. */
  readonly onOmieWait: (waitMs: number) => void;
}

/** The waits that somebody asked for: the server for every question at once, Omie for one. */
export class ToldWaits {
  readonly #parts: WaitParts;
  readonly #limits: WaitLimits;
  #hold: Promise<void> | undefined;
  /** Since the last answer. */
  #heldMs = 0;
  #holds = 0;
  #toldOfOmie = false;

  constructor(parts: WaitParts) {
    this.#parts = parts;
    this.#limits = parts.limits ?? defaultWaitLimits;
  }

  /** To be awaited before each question: the server wants none of them now. */
  async ready(): Promise<void> {
    await this.#hold;
  }

  /** The server answered a question. */
  hear(): void {
    this.#heldMs = 0;
    this.#holds = 0;
  }

  /** Waits as told, once for all who were refused together. False when it was waited long enough. */
  async holdOff(holdOff: HoldOff, signal: AbortSignal): Promise<boolean> {
    if (this.#hold === undefined) {
      const { reconnect, random, pause, onHold } = this.#parts;
      const ownMs = reconnectDelayMs(this.#holds, random(), reconnect);
      const waitMs = Math.min(this.#limits.longestHoldMs, Math.max(holdOff.waitMs ?? 0, ownMs));
      if (this.#heldMs + waitMs > this.#limits.holdLimitMs) return false;
      this.#holds += 1;
      this.#heldMs += waitMs;
      onHold(holdOff, waitMs);
      this.#hold = pause(waitMs, signal).finally(() => {
        this.#hold = undefined;
      });
    }
    await this.#hold;
    return true;
  }

  /**
   * Waits until Omie takes the same question again.
   * @param waitedMs what this question has waited for Omie before
   * @returns what it has waited now; undefined when that would be too long
   */
  async forOmie(waitMs: number, waitedMs: number, signal: AbortSignal): Promise<number | undefined> {
    if (waitMs > this.#limits.longestOmieWaitMs || waitedMs + waitMs > this.#limits.omieLimitMs) return undefined;
    if (!this.#toldOfOmie) this.#parts.onOmieWait(waitMs);
    this.#toldOfOmie = true;
    await this.#parts.pause(waitMs, signal);
    return waitedMs + waitMs;
  }
}
