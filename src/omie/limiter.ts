/**
 * Shares Omie's budget fairly. Omie counts 240 calls a minute and 4 in flight per application and method, and 960 a
 * minute for our whole address; going over brings 429 and then a block. Companies take turns, so one that asks for
 * thousands of pages waits behind itself and not in front of the others.
 */
import { CancelledError } from '../errors.ts';
import type { Clock } from './clock.ts';
import { OmieFault } from './faults.ts';
import { Lane, type Waiter } from './lane.ts';
import { RateWindow } from './rate-window.ts';
import type { SharedNames } from './shared-names.ts';

export const PER_MINUTE = 960;
export const PER_METHOD_PER_MINUTE = 240;
/** A second over the minute: Omie stamps a call when it arrives, which may be later than we sent it. */
export const WINDOW_MS = 61_000;
/** The last part of the address's budget goes only to companies below their equal share, so a newcomer finds room. */
const RESERVED_PER_MINUTE = 192;
/** Idle companies are looked for this often at most: a search for each newcomer would cost their square. */
const SWEEP_MS = 1_000;

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
  readonly signal?: AbortSignal | undefined;
}

/** A call's place in flight; `release` gives it back, once. */
export interface Place {
  /** The call leaves only now: what it waited since the grant is not its own time. */
  begin(): void;
  /** `unused` when nothing was sent, so that it does not pass for a quick call. */
  release(unused?: 'unused'): void;
}

/** What calls need of a limiter, whether one process counts or several do together. */
export type Limiter = Pick<
  FairLimiter,
  'acquire' | 'refusedParallel' | 'lastTookMs' | 'pause' | 'forget' | 'queued' | 'inFlight'
>;

interface CompanyTurns {
  window: RateWindow;
  readonly lanes: Map<string, Lane>;
  /** Lanes with waiters, next in turn first. */
  readonly queue: Set<Lane>;
  waiting: number;
}

export class FairLimiter implements Limiter {
  readonly #clock: Clock;
  readonly #address = new RateWindow(PER_MINUTE, WINDOW_MS);
  readonly #companies = new Map<string, CompanyTurns>();
  /** Companies that may have a call to send, next in turn first. */
  readonly #ready = new Set<CompanyTurns>();
  #queued = 0;
  #inFlight = 0;
  #sweepAt = 0;
  #wake: { at: number; callOff: () => void } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get queued(): number {
    return this.#queued;
  }

  /** Companies remembered: those that wait, run, or have calls inside the minute. */
  get companies(): number {
    return this.#companies.size;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /**
   * Waits for a turn. Throws `CancelledError` when the signal aborts, and the fault `rate` with the wait still ahead when
   * the deadline passes, or at once when the budget cannot let the call go before it.
   */
  acquire(tenant: Tenant, method: string, { deadlineAt, signal }: AcquireOptions): Promise<Place> {
    if (signal?.aborted) return Promise.reject(new CancelledError());
    const company = this.#companyOf(tenant);
    const lane = this.#laneOf(company, method);
    const now = this.#clock.now();
    const earliest = this.#earliest(company, lane);
    if (earliest > deadlineAt) return Promise.reject(tooLong(earliest - now));

    return new Promise((resolve, reject) => {
      let callOff: (() => void) | undefined;
      const settle = (): void => {
        waiter.gone = true;
        if (callOff !== undefined) {
          callOff();
          signal?.removeEventListener('abort', cancel);
        }
        lane.waiting -= 1;
        company.waiting -= 1;
        this.#queued -= 1;
      };
      const waiter: Waiter = {
        gone: false,
        grant: () => {
          settle();
          resolve(this.#placeIn(company, lane));
        },
        giveUp: (reason) => {
          settle();
          reject(reason);
        },
      };
      const cancel = (): void => waiter.giveUp(new CancelledError());
      lane.waiters.push(waiter);
      lane.waiting += 1;
      company.waiting += 1;
      this.#queued += 1;
      company.queue.add(lane);
      this.#ready.add(company);
      this.#pump();
      // Most calls have had their turn by now and need no alarm.
      if (waiter.gone) return;
      callOff = this.#clock.after(deadlineAt - now, () => {
        waiter.giveUp(tooLong(this.#earliest(company, lane) - this.#clock.now()));
      });
      signal?.addEventListener('abort', cancel, { once: true });
    });
  }

  /** Client-1880: this method of this application takes one call at a time. */
  refusedParallel(key: string, method: string): void {
    this.#companies.get(key)?.lanes.get(method)?.refusedParallel(this.#clock.now());
  }

  /** Calls of this method of this application that may be in flight now, 1 to 4. */
  allowanceOf(key: string, method: string): number {
    return this.#companies.get(key)?.lanes.get(method)?.allowance(this.#clock.now()) ?? 1;
  }

  /** What the last call of this method of this application took, in milliseconds; undefined before the first. */
  lastTookMs(key: string, method: string): number | undefined {
    return this.#companies.get(key)?.lanes.get(method)?.lastTookMs;
  }

  /** Omie asked for a pause on this method of this application. */
  pause({ key }: Tenant, method: string, ms: number): void {
    const lane = this.#companies.get(key)?.lanes.get(method);
    if (lane !== undefined) lane.pausedUntil = Math.max(lane.pausedUntil, this.#clock.now() + ms);
  }

  /** Forgets pauses and serial methods. The minutes stay: Omie goes on counting them whatever we forget. */
  forget(key: string): void {
    const company = this.#companies.get(key);
    if (company === undefined) return;
    for (const lane of company.lanes.values()) lane.forgive();
    if (company.waiting > 0) this.#ready.add(company);
    this.#dropIfIdle(key, company, this.#clock.now());
    this.#pump();
  }

  /** A company whose minute is empty is as good as new: its rings need not stay. */
  #dropIfIdle(key: string, company: CompanyTurns, now: number): void {
    if (company.waiting > 0 || company.window.used(now) > 0) return;
    for (const lane of company.lanes.values()) if (!lane.isIdle(now)) return;
    this.#companies.delete(key);
    this.#ready.delete(company);
  }

  #placeIn(company: CompanyTurns, lane: Lane): Place {
    this.#inFlight += 1;
    let startedAt = this.#clock.now();
    let held = true;
    return {
      begin: () => {
        startedAt = this.#clock.now();
      },
      release: (unused) => {
        if (!held) return;
        held = false;
        lane.finish(unused === undefined ? this.#clock.now() - startedAt : undefined);
        this.#inFlight -= 1;
        if (lane.waiting === 0) return;
        this.#ready.add(company);
        this.#pump();
      },
    };
  }

  /** Hands out turns until the budget or the queue is empty. */
  #pump(): void {
    const now = this.#clock.now();
    for (const company of this.#ready) {
      const addressFreeAt = this.#address.freeAt();
      if (addressFreeAt > now) {
        this.#wakeAt(addressFreeAt);
        return;
      }
      this.#ready.delete(company);
      if (company.waiting === 0) continue;
      if (!this.#withinShare(company, now)) {
        this.#wakeAt(this.#address.nextExpiry(now));
        continue;
      }
      // A company that got its turn goes to the end of the line; the loop meets it again there.
      if (this.#grantOne(company, now)) this.#ready.add(company);
    }
  }

  #grantOne(company: CompanyTurns, now: number): boolean {
    const companyFreeAt = company.window.freeAt();
    if (companyFreeAt > now) {
      this.#wakeAt(companyFreeAt);
      return false;
    }
    for (const lane of company.queue) {
      if (lane.waiting === 0) {
        company.queue.delete(lane);
        lane.waiters.length = 0;
        continue;
      }
      const readyAt = lane.readyAt(now);
      if (readyAt === undefined) continue;
      if (readyAt > now) {
        this.#wakeAt(readyAt);
        continue;
      }
      const waiter = lane.nextWaiter();
      if (waiter === undefined) continue;
      company.queue.delete(lane);
      if (lane.waiting > 1) company.queue.add(lane);
      lane.start(now);
      company.window.record(now);
      this.#address.record(now);
      waiter.grant();
      return true;
    }
    return false;
  }

  /** Near the end of the address's minute a company may not go beyond an equal share, one place kept for a newcomer. */
  #withinShare(company: CompanyTurns, now: number): boolean {
    if (this.#address.used(now) < PER_MINUTE - RESERVED_PER_MINUTE) return true;
    let active = 0;
    for (const one of this.#companies.values()) if (one.waiting > 0 || one.window.used(now) > 0) active += 1;
    return company.window.used(now) < PER_MINUTE / (active + 1);
  }

  /** A lower bound (ms) for the turn of a call that joined this lane now. */
  #earliest(company: CompanyTurns, lane: Lane): number {
    const lower = Math.max(
      lane.window.freeAt(lane.waiting),
      company.window.freeAt(company.waiting),
      this.#address.freeAt(),
    );
    return Math.max(lower, lane.pausedUntil);
  }

  #wakeAt(at: number): void {
    if (this.#wake !== undefined && this.#wake.at <= at) return;
    this.#wake?.callOff();
    const callOff = this.#clock.after(Math.max(1, Math.ceil(at - this.#clock.now())), () => {
      this.#wake = undefined;
      for (const company of this.#companies.values()) if (company.waiting > 0) this.#ready.add(company);
      this.#pump();
    });
    this.#wake = { at, callOff };
  }

  #companyOf({ key, perMinute }: Tenant): CompanyTurns {
    const limit = Math.max(1, Math.floor(Math.min(perMinute ?? PER_MINUTE, PER_MINUTE)));
    const known = this.#companies.get(key);
    if (known === undefined) {
      this.#sweep();
      const company = {
        window: new RateWindow(limit, WINDOW_MS),
        lanes: new Map(),
        queue: new Set<Lane>(),
        waiting: 0,
      };
      this.#companies.set(key, company);
      return company;
    }
    // A limit its owner changed starts a minute of its own; the lanes, which are Omie's, go on.
    if (known.window.limit !== limit) known.window = new RateWindow(limit, WINDOW_MS);
    return known;
  }

  #sweep(): void {
    const now = this.#clock.now();
    if (now < this.#sweepAt) return;
    this.#sweepAt = now + SWEEP_MS;
    for (const [key, company] of this.#companies) this.#dropIfIdle(key, company, now);
  }

  #laneOf(company: CompanyTurns, method: string): Lane {
    const known = company.lanes.get(method);
    if (known !== undefined) return known;
    const lane = new Lane(PER_METHOD_PER_MINUTE, WINDOW_MS);
    company.lanes.set(method, lane);
    return lane;
  }
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
