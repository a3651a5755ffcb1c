/**
 * Remembers what makes a further call pointless or harmful: a block of a method (each call during it makes it longer), a
 * method that keeps failing, and keys that Omie refused. All of it belongs to one application key; others never notice.
 */
import type { Clock } from './clock.ts';
import { type FaultClass, OmieFault } from './faults.ts';

export const FAILURES_TO_OPEN = 5;
export const OPEN_FOR_MS = 30_000;
/** Refused keys are not tried again for this long: each refusal counts toward Omie's block. */
export const REFUSED_KEYS_FOR_MS = 60_000;
const DEFAULT_BLOCK_MS = 1_800_000;

const FAILURES: ReadonlySet<FaultClass> = new Set(['server', 'network', 'bad-response']);

/**
 * Ten error answers to one method block it for half an hour, and an empty list counts as one (docs/omie.md). Those that
 * came in the last minute and those that may come of what is in flight stay one short of it.
 */
export const ERRORS_A_MINUTE = 9;
const ERROR_WINDOW_MS = 60_000;
/** Faults that stop the method by rules of their own, or are no answer of Omie's. */
const HEEDED_ELSEWHERE: ReadonlySet<FaultClass> = new Set([
  ...FAILURES,
  'blocked',
  'rate',
  'auth',
  'lock',
  'in-flight',
]);

interface Method {
  failures: number;
  openUntil: number;
  blockedUntil: number;
  /** When the last error answers came, oldest first. */
  errors: readonly number[];
  inFlight: number;
  probing: boolean;
  /** How often it was forgotten: a call that began before knows the old keys only. */
  era: number;
}

/** How many methods are open, blocked by Omie, or wait for the call that tries again; and how many keys are refused. */
export interface BreakerStates {
  readonly open: number;
  readonly blocked: number;
  readonly half_open: number;
  readonly refused_keys: number;
}

/**
 * To be told how the call ended: `undefined` for an answer, `empty` for a list without rows, which Omie counts as an
 * error, the fault, or `cancelled` for a call nobody waited for.
 */
export type Report = (outcome: OmieFault | 'cancelled' | 'empty' | undefined) => void;

export class Breaker {
  readonly #clock: Clock;
  readonly #errorsAMinute: number;
  readonly #methods = new Map<string, Map<string, Method>>();
  readonly #refusedUntil = new Map<string, number>();

  constructor(clock: Clock, errorsAMinute = ERRORS_A_MINUTE) {
    this.#clock = clock;
    this.#errorsAMinute = errorsAMinute;
  }

  /** Throws the fault that the call would only repeat. Says nothing about half-open probes: that is `enter`'s. */
  check(key: string, name: string): void {
    const now = this.#clock.now();
    const refused = (this.#refusedUntil.get(key) ?? 0) - now;
    if (refused > 0) throw new OmieFault('auth', 'The keys were refused a moment ago.', remembered(refused));
    const method = this.#methods.get(key)?.get(name);
    if (method === undefined) return;
    if (method.blockedUntil > now) throw new OmieFault('blocked', 'Blocked.', remembered(method.blockedUntil - now));
    if (method.openUntil > now) throw new OmieFault('network', 'Open.', remembered(method.openUntil - now));
    const [oldest, ...later] = method.errors.filter((at) => at + ERROR_WINDOW_MS > now);
    if (oldest !== undefined && later.length + 1 + method.inFlight >= this.#errorsAMinute) {
      throw new OmieFault('near-block', 'Too many error answers.', remembered(oldest + ERROR_WINDOW_MS - now));
    }
    if (method.probing) throw new OmieFault('network', 'Half open.', remembered(1_000));
  }

  /** `check`, and then the right to send one request. After an outage a single probe goes first. */
  enter(key: string, name: string): Report {
    this.check(key, name);
    const method = this.#methodOf(key, name);
    const probe = method.failures >= FAILURES_TO_OPEN;
    method.probing = probe;
    method.inFlight += 1;
    const { era } = method;
    let told = false;
    return (outcome) => {
      // Whoever told of an answer may still fail on it, and tell of that as well.
      if (told) return;
      told = true;
      method.inFlight -= 1;
      const isCurrent = era === method.era;
      if (probe && isCurrent) method.probing = false;
      if (outcome === 'cancelled') return;
      this.#recordForOmie(method, outcome);
      // Forgotten meanwhile: whether the old keys were taken says nothing about the new ones.
      if (isCurrent) this.#recordForKeys(key, method, outcome === 'empty' ? undefined : outcome);
    };
  }

  /** No failure since the last answer: what comes next need not wait for what this call shows. */
  isSound(key: string, name: string): boolean {
    return (this.#methods.get(key)?.get(name)?.failures ?? 0) === 0;
  }

  /**
   * Other keys, or none: refusals and failures are forgotten. Omie counts error answers and a block by the application,
   * whatever its secret and our file say: those stay until their time is over.
   */
  forget(key: string): void {
    this.#refusedUntil.delete(key);
    for (const method of this.#methods.get(key)?.values() ?? []) {
      method.failures = 0;
      method.openUntil = 0;
      method.probing = false;
      method.era += 1;
    }
    this.#sweep();
  }

  /** Methods that are remembered, held back or not. */
  get remembered(): number {
    let remembered = 0;
    for (const methods of this.#methods.values()) remembered += methods.size;
    return remembered;
  }

  /** What is held back now: methods by the reason, and keys that Omie refused. */
  get states(): BreakerStates {
    const now = this.#clock.now();
    const states = { open: 0, blocked: 0, half_open: 0, refused_keys: 0 };
    for (const methods of this.#methods.values()) {
      for (const method of methods.values()) {
        if (method.blockedUntil > now) states.blocked += 1;
        else if (method.openUntil > now) states.open += 1;
        else if (method.failures >= FAILURES_TO_OPEN) states.half_open += 1;
      }
    }
    for (const until of this.#refusedUntil.values()) if (until > now) states.refused_keys += 1;
    return states;
  }

  /** Methods that take no calls now, for whatever reason. */
  get open(): number {
    const now = this.#clock.now();
    let open = 0;
    for (const methods of this.#methods.values()) {
      for (const method of methods.values()) if (Math.max(method.openUntil, method.blockedUntil) > now) open += 1;
    }
    return open;
  }

  #recordForOmie(method: Method, outcome: OmieFault | 'empty' | undefined): void {
    const now = this.#clock.now();
    const fault = outcome === 'empty' ? undefined : outcome;
    if (fault?.kind === 'blocked') method.blockedUntil = now + (fault.waitMs ?? DEFAULT_BLOCK_MS);
    if (outcome === 'empty' || (fault !== undefined && !HEEDED_ELSEWHERE.has(fault.kind))) {
      method.errors = [...method.errors.slice(1 - ERRORS_A_MINUTE), now];
    }
  }

  #recordForKeys(key: string, method: Method, fault: OmieFault | undefined): void {
    const now = this.#clock.now();
    if (fault?.kind === 'auth') this.#refusedUntil.set(key, now + REFUSED_KEYS_FOR_MS);
    if (fault === undefined || !FAILURES.has(fault.kind)) {
      // Any fault of Omie's own proves that Omie is there.
      method.failures = 0;
      return;
    }
    method.failures += 1;
    if (method.failures >= FAILURES_TO_OPEN) method.openUntil = now + OPEN_FOR_MS;
  }

  /** Nothing that a new method would not say as well; those of companies that left end here. */
  #sweep(): void {
    const now = this.#clock.now();
    for (const [key, methods] of [...this.#methods]) {
      for (const [name, { failures, blockedUntil, errors, inFlight }] of [...methods]) {
        const errorsEnd = (errors.at(-1) ?? 0) + ERROR_WINDOW_MS;
        if (failures === 0 && blockedUntil <= now && errorsEnd <= now && inFlight === 0) methods.delete(name);
      }
      if (methods.size === 0) this.#methods.delete(key);
    }
  }

  #methodOf(key: string, name: string): Method {
    const methods = this.#methods.get(key) ?? new Map<string, Method>();
    this.#methods.set(key, methods);
    const method = methods.get(name) ?? {
      failures: 0,
      openUntil: 0,
      blockedUntil: 0,
      errors: [],
      inFlight: 0,
      probing: false,
      era: 0,
    };
    methods.set(name, method);
    return method;
  }
}

const remembered = (waitMs: number) => ({ waitMs, retryable: false, remembered: true });
