/** What calls need of a limiter, whether one process counts or several do together. */
import type { StopSignal } from '../stop-signal.ts';
import { OmieFault } from './faults.ts';
import type { SharedNames } from './shared-names.ts';

export interface Limiter {
  /** Calls that wait for a turn. */
  readonly queued: number;
  readonly inFlight: number;

  /**
   * Waits for a turn. Throws `CancelledError` when the signal aborts, and the fault `rate` with the wait still ahead when
   * the deadline passes, or at once when the budget cannot let the call go before it.
   */
  acquire(tenant: Tenant, method: string, options: AcquireOptions): Promise<Place>;

  /** Client-1880: this method of this application takes one call at a time. */
  refusedParallel(key: string, method: string): void;

  /** What the last call of this method of this application took, in milliseconds; undefined before the first. */
  lastTookMs(key: string, method: string): number | undefined;

  /** Omie asked for a pause on this method of this application. */
  pause(tenant: Tenant, method: string, ms: number): void;
}

/** Who asks: an application key and, if its owner set one, its own calls a minute. */
export interface Tenant {
  readonly key: string;
  readonly perMinute?: number | undefined;
  /** Its names among replicas; there when they share a budget. */
  readonly shared?: SharedNames | undefined;
}

export interface AcquireOptions {
  /** Time (ms) after which waiting makes no sense; the refusal says how long the wait would have been. */
  readonly deadlineAt: number;
  /** When the call that leaves will have ended at the latest (ms). */
  readonly endsAt?: number | undefined;
  readonly signal?: StopSignal | undefined;
}

/** A call's place in flight; `release` gives it back, once. */
export interface Place {
  /** The call leaves only now: what it waited since the grant is not its own time. */
  begin(): void;
  /**
   * `unused` when nothing was sent, so that it does not pass for a quick call; `unanswered` when what came back is no proof
   * that Omie took the call beside the others.
   */
  release(how?: 'unused' | 'unanswered'): void;
}

/** The refusal of a call that our own queue would bring to Omie too late. */
export function tooLong(waitMs: number): OmieFault {
  return new OmieFault('rate', 'Our own queue is too long.', {
    waitMs: Math.max(1_000, waitMs),
    retryable: false,
    remembered: true,
    timeUp: true,
  });
}
