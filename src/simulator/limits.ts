/**
 * Omie's consumption rules, each switchable: rates per address and per method, calls in flight, redundant calls, and the
 * block of half an hour after ten errors. Time comes from the simulator's clock, so a test can walk through a block.
 */
import type { SimulatorClock } from './clock.ts';
import { timeInBrasilia } from './dates.ts';
import { alreadyProcessed, blockedFor, methodLocked, OmieFault, redundant } from './omie-fault.ts';
import type { Quirks } from './quirks.ts';

export interface SimulatorLimits {
  /** Requests a minute from one address, all companies together. */
  perIpPerMinute: number | false;
  /** Requests a minute per address, app_key and method. */
  perMethodPerMinute: number | false;
  /** Calls in flight per address, app_key and method. */
  concurrency: number | false;
  /** The same for writes, which Omie wants one at a time. */
  writeConcurrency: number | false;
  /** Span in which an identical call is refused. */
  redundancyMs: number | false;
  /** Errors per address, app_key and method that lead to a block. */
  errorsToBlock: number | false;
  blockMs: number;
}

export const defaultLimits: SimulatorLimits = {
  perIpPerMinute: 960,
  perMethodPerMinute: 240,
  concurrency: 4,
  writeConcurrency: 1,
  redundancyMs: 60_000,
  errorsToBlock: 10,
  blockMs: 1_800_000,
};

export const noLimits: SimulatorLimits = {
  perIpPerMinute: false,
  perMethodPerMinute: false,
  concurrency: false,
  writeConcurrency: false,
  redundancyMs: false,
  errorsToBlock: false,
  blockMs: 1_800_000,
};

export interface Visit {
  ip: string;
  appKey: string;
  call: string;
  read: boolean;
  /** Canonical text of the parameter. */
  query: string;
}

/** A place taken among the calls in flight; `leave` gives it back and records how the call ended. */
export interface Ticket {
  inFlight: number;
  leave(fault: OmieFault | 'broken' | undefined): void;
}

interface MethodState {
  served: number[];
  inFlight: number;
  queries: Map<string, number>;
  running: Set<string>;
  errors: number[];
  blockedUntil: number;
}

const MINUTE_MS = 60_000;

export class LimitGate {
  #methods = new Map<string, MethodState>();
  #addresses = new Map<string, number[]>();
  readonly #limits: SimulatorLimits;
  readonly #quirks: Quirks;
  readonly #clock: SimulatorClock;

  constructor(limits: SimulatorLimits, quirks: Quirks, clock: SimulatorClock) {
    this.#limits = limits;
    this.#quirks = quirks;
    this.#clock = clock;
  }

  /** The per-address rate holds for every request, even one that names no known company. */
  admitAddress(ip: string): void {
    const served = this.#addresses.get(ip) ?? [];
    this.#addresses.set(ip, served);
    takePlace(served, this.#limits.perIpPerMinute, this.#clock.now().getTime());
  }

  enter(visit: Visit): Ticket {
    const state = this.#stateOf(`${visit.ip} ${visit.appKey} ${visit.call}`);
    const now = this.#clock.now().getTime();
    this.#refuseBlocked(state, now);
    takePlace(state.served, this.#limits.perMethodPerMinute, now);
    try {
      this.#refuseLocked(state, visit);
      this.#refuseRepeated(state, visit, now);
    } catch (fault) {
      if (fault instanceof OmieFault) this.#countError(state, fault, now);
      throw fault;
    }
    state.inFlight += 1;
    state.running.add(visit.query);
    if (this.#limits.redundancyMs !== false) this.#remember(state, visit.query, now);
    return {
      inFlight: state.inFlight,
      leave: (fault) => {
        state.inFlight -= 1;
        state.running.delete(visit.query);
        // A call that broke on the way was not consumed: its retry is no repeat.
        if (fault === 'broken') state.queries.delete(visit.query);
        else if (fault !== undefined) this.#countError(state, fault, this.#clock.now().getTime());
        else if (this.#quirks.errorWindow === 'consecutive') state.errors = [];
      },
    };
  }

  reset(): void {
    this.#methods = new Map();
    this.#addresses = new Map();
  }

  #stateOf(key: string): MethodState {
    const known = this.#methods.get(key);
    if (known) return known;
    const state: MethodState = {
      served: [],
      inFlight: 0,
      queries: new Map(),
      running: new Set(),
      errors: [],
      blockedUntil: 0,
    };
    this.#methods.set(key, state);
    return state;
  }

  /** Insisting during the block makes it longer; the sentence counts the seconds that are then left. */
  #refuseBlocked(state: MethodState, now: number): void {
    if (state.blockedUntil <= now) return;
    const { blockMs } = this.#limits;
    state.blockedUntil = Math.min(now + blockMs, state.blockedUntil + this.#quirks.blockExtensionMs);
    throw blockedFor(Math.ceil((state.blockedUntil - now) / 1_000));
  }

  #refuseLocked(state: MethodState, visit: Visit): void {
    if (this.#quirks.lockScope === 'query') {
      if (state.running.has(visit.query)) throw methodLocked();
      return;
    }
    const allowance = visit.read ? this.#limits.concurrency : this.#limits.writeConcurrency;
    if (allowance !== false && state.inFlight >= allowance) throw methodLocked();
  }

  #refuseRepeated(state: MethodState, visit: Visit, now: number): void {
    const windowMs = this.#limits.redundancyMs;
    const last = state.queries.get(visit.query);
    if (windowMs === false || last === undefined || now - last >= windowMs) return;
    if (this.#quirks.redundancyRestartsWindow) state.queries.set(visit.query, now);
    const freeAt = (this.#quirks.redundancyRestartsWindow ? now : last) + windowMs;
    throw visit.read
      ? redundant(Math.ceil((freeAt - now) / 1_000))
      : alreadyProcessed(timeInBrasilia(new Date(freeAt)));
  }

  #remember(state: MethodState, query: string, now: number): void {
    state.queries.set(query, now);
    // Forget what is out of the window, now and then, so that long runs do not pile up queries.
    if (state.queries.size < 2_000 || this.#limits.redundancyMs === false) return;
    for (const [old, at] of state.queries) if (now - at >= this.#limits.redundancyMs) state.queries.delete(old);
  }

  #countError(state: MethodState, fault: OmieFault, now: number): void {
    const { errorsToBlock, blockMs } = this.#limits;
    if (errorsToBlock === false || !this.#counts(fault)) return;
    const { errorWindow } = this.#quirks;
    if (errorWindow !== 'consecutive') state.errors = state.errors.filter((at) => now - at < errorWindow);
    state.errors.push(now);
    if (state.errors.length < errorsToBlock) return;
    state.errors = [];
    state.blockedUntil = now + blockMs;
  }

  #counts(fault: OmieFault): boolean {
    switch (fault.faultClass) {
      case 'EMPTY':
        return this.#quirks.emptyCountsAsError;
      case 'REDUNDANT':
      case 'IN_FLIGHT':
        return this.#quirks.redundantCountsAsError;
      case 'LOCK':
      case 'BLOCKED':
      case 'RATE':
        return false;
      default:
        return true;
    }
  }
}

/** A sliding minute: refused when the place `limit` requests ago is younger than a minute. */
function takePlace(served: number[], limit: number | false, now: number): void {
  if (limit === false) return;
  while (served.length > 0 && now - (served[0] ?? now) >= MINUTE_MS) served.shift();
  if (served.length >= limit) throw new OmieFault('RATE', 'SOAP-ENV:Server', 'Too Many Requests', 429);
  served.push(now);
}
