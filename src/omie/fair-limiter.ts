/**
 * Shares Omie's budget fairly. Omie counts 240 calls a minute and 4 in flight per application and method, and 960 a
 * minute for our whole address; going over brings 429 and then a block. Companies take turns, so one that asks for
 * thousands of pages waits behind itself and not in front of the others.
 */
import { CancelledError } from '../errors.ts';
import type { Clock } from './clock.ts';
import { CompanyTurns, WINDOW_MS } from './company-turns.ts';
import type { Lane, Waiter } from './lane.ts';
import { type AcquireOptions, type Limiter, type Place, type Tenant, tooLong } from './limiter.ts';
import { RateWindow } from './rate-window.ts';

const PER_MINUTE = 960;
/** Of the address's budget, for whoever comes; the rest goes only to companies below their equal share, so a newcomer finds room. */
const OPEN_PART = 0.8;
/** Idle companies are looked for this often at most: a search for each newcomer would cost their square. */
const SWEEP_MS = 1_000;

export class FairLimiter implements Limiter {
  readonly #clock: Clock;
  readonly #perMinute: number;
  readonly #address: RateWindow;
  readonly #companies = new Map<string, CompanyTurns>();
  /** Companies that may have a call to send, next in turn first. */
  readonly #ready = new Set<CompanyTurns>();
  #queued = 0;
  #inFlight = 0;
  #sweepAt = 0;
  #wake: { at: number; callOff: () => void } | undefined;

  /** @param perMinute calls that Omie takes from our address. */
  constructor(clock: Clock, perMinute = PER_MINUTE) {
    this.#clock = clock;
    this.#perMinute = perMinute;
    this.#address = new RateWindow(perMinute, WINDOW_MS);
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

  acquire(tenant: Tenant, method: string, { deadlineAt, signal }: AcquireOptions): Promise<Place> {
    if (signal?.aborted) return Promise.reject(new CancelledError());
    const company = this.#companyOf(tenant);
    const lane = company.openLane(method);
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
        company.leave(lane);
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
      company.join(lane, waiter);
      this.#queued += 1;
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

  refusedParallel(key: string, method: string): void {
    this.#laneOf(key, method)?.refusedParallel(this.#clock.now());
  }

  /** Calls of this method of this application that may be in flight now, 1 to 4. */
  allowanceOf(key: string, method: string): number {
    return this.#laneOf(key, method)?.allowance(this.#clock.now()) ?? 1;
  }

  lastTookMs(key: string, method: string): number | undefined {
    return this.#laneOf(key, method)?.lastTookMs;
  }

  pause({ key }: Tenant, method: string, ms: number): void {
    const lane = this.#laneOf(key, method);
    if (lane !== undefined) lane.pausedUntil = Math.max(lane.pausedUntil, this.#clock.now() + ms);
  }

  #dropIfIdle(key: string, company: CompanyTurns, now: number): void {
    if (!company.isIdle(now)) return;
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
      release: (how) => {
        if (!held) return;
        held = false;
        if (how === 'unused') lane.giveBack();
        else lane.finish(startedAt, this.#clock.now(), how === undefined);
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
    const waiter = company.takeTurn(now, (at) => this.#wakeAt(at));
    if (waiter === undefined) return false;
    this.#address.record(now);
    waiter.grant();
    return true;
  }

  /** Near the end of the address's minute a company may not go beyond an equal share, one place kept for a newcomer. */
  #withinShare(company: CompanyTurns, now: number): boolean {
    if (this.#address.used(now) < this.#perMinute * OPEN_PART) return true;
    let active = 0;
    for (const one of this.#companies.values()) if (one.isActive(now)) active += 1;
    return company.used(now) < this.#perMinute / (active + 1);
  }

  /** A lower bound (ms) for the turn of a call that joined this lane now. */
  #earliest(company: CompanyTurns, lane: Lane): number {
    return Math.max(company.earliest(lane), this.#address.freeAt());
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
    const limit = Math.max(1, Math.floor(Math.min(perMinute ?? this.#perMinute, this.#perMinute)));
    const known = this.#companies.get(key);
    if (known === undefined) {
      this.#sweep();
      const company = new CompanyTurns(limit);
      this.#companies.set(key, company);
      return company;
    }
    known.limitTo(limit);
    return known;
  }

  #sweep(): void {
    const now = this.#clock.now();
    if (now < this.#sweepAt) return;
    this.#sweepAt = now + SWEEP_MS;
    for (const [key, company] of this.#companies) this.#dropIfIdle(key, company, now);
  }

  #laneOf(key: string, method: string): Lane | undefined {
    return this.#companies.get(key)?.lane(method);
  }
}
