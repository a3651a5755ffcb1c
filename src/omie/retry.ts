/** Whether to send a read again, and when: a decision of its arguments alone. Waiting is done by the caller. */
import type { OmieFault } from './faults.ts';

/** Whole time of one read, all its pages, retries and waits included. */
export const TOTAL_DEADLINE_MS = 30_000;
/** Less time than this brings no answer from a method nobody has timed yet. */
const USUAL_ATTEMPT_MS = 5_000;
const SHORTEST_ATTEMPT_MS = 2_000;
const LONGEST_ATTEMPT_MS = 10_000;
const BASE_MS = 200;
const CAP_MS = 5_000;
/** The method is busy (Client-1880): most calls end within seconds, so three and then ten. */
const LOCK_WAITS_MS = [3_000, 10_000];
const MAX_RETRIES = 2;

/** Time that must be left for an attempt to be worth sending, given what the method's last call took. */
export function attemptMs(lastTookMs: number | undefined): number {
  return Math.min(LONGEST_ATTEMPT_MS, Math.max(SHORTEST_ATTEMPT_MS, lastTookMs ?? USUAL_ATTEMPT_MS));
}

export interface RetryQuestion {
  readonly fault: Pick<OmieFault, 'kind' | 'retryable' | 'waitMs'>;
  /** Attempts made so far, 1 or more. */
  readonly attempts: number;
  /** Time left in which an attempt may still begin, in milliseconds. */
  readonly leftMs: number;
  /** A number in [0, 1). */
  readonly random: number;
}

/** Milliseconds to wait before the next attempt, or undefined to give up. */
export function retryWait({ fault, attempts, leftMs, random }: RetryQuestion): number | undefined {
  if (!fault.retryable || attempts > retriesFor(fault.kind)) return undefined;
  const waitMs = plannedWait(fault, attempts, random);
  return waitMs < leftMs ? waitMs : undefined;
}

function retriesFor(kind: OmieFault['kind']): number {
  switch (kind) {
    case 'server':
    case 'network':
    case 'rate':
      return MAX_RETRIES;
    case 'lock':
      return LOCK_WAITS_MS.length;
    case 'bad-response':
    case 'redundant':
    case 'in-flight':
      return 1;
    default:
      return 0;
  }
}

function plannedWait({ kind, waitMs }: RetryQuestion['fault'], attempts: number, random: number): number {
  if (kind === 'lock') return LOCK_WAITS_MS[attempts - 1] ?? CAP_MS;
  // Omie counts whole seconds: one more, so as not to come back a moment early and start the window again.
  if ((kind === 'redundant' || kind === 'in-flight') && waitMs !== undefined) return waitMs + 1_000;
  // Full jitter, so that companies that failed together do not come back together.
  const jitter = random * Math.min(CAP_MS, BASE_MS * 2 ** (attempts - 1));
  return waitMs === undefined ? jitter : waitMs + jitter;
}

/** Retries may add a tenth to a company's traffic; the stock lets a quiet company retry all the same. */
const TOKENS_PER_CALL = 0.1;
const STOCK = 10;

/** Keeps an outage from being multiplied: once the stock is spent, calls fail at their first attempt. */
export class RetryBudget {
  #tokens = STOCK;

  /** A logical call begins. */
  earn(): void {
    this.#tokens = Math.min(STOCK, this.#tokens + TOKENS_PER_CALL);
  }

  /** Takes the price of one retry; false when there is none left. */
  spend(): boolean {
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
