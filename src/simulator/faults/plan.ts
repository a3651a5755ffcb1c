/** Which fault meets which request. */
import { Random } from '../random.ts';
import type { Fault } from './exchange.ts';

export interface FaultScope {
  /** Company id; without it, any company. */
  company?: string;
  /** For `next`: how many requests in a row; 1 unless told. */
  times?: number;
}

export interface RandomFaults {
  seed: number | string;
  /** Share of requests hit, 0 to 1. */
  rate: number;
  kinds: readonly Fault[];
  company?: string;
}

interface Planned {
  call: string;
  fault: Fault;
  company: string | undefined;
  left: number;
}

/** Any call. */
export const ANY_CALL = '*';

export class FaultPlan {
  #queue: Planned[] = [];
  #standing: Planned[] = [];
  #random: (RandomFaults & { dice: Random }) | undefined;

  /** The next request of this call (or of any, with "*") meets the fault. */
  next(call: string, fault: Fault, scope: FaultScope = {}): void {
    this.#queue.push({ call, fault, company: scope.company, left: scope.times ?? 1 });
  }

  /** Every request of this call meets the fault until `clear`. */
  always(call: string, fault: Fault, scope: Omit<FaultScope, 'times'> = {}): void {
    this.#standing.push({ call, fault, company: scope.company, left: Number.POSITIVE_INFINITY });
  }

  /** Hits a seeded share of all requests. */
  random(options: RandomFaults): void {
    this.#random = { ...options, dice: new Random(options.seed) };
  }

  /** Forgets the plan, or only what concerns one call. */
  clear(call?: string): void {
    this.#queue = call === undefined ? [] : this.#queue.filter((planned) => planned.call !== call);
    this.#standing = call === undefined ? [] : this.#standing.filter((planned) => planned.call !== call);
    if (call === undefined) this.#random = undefined;
  }

  /** Faults planned by `next` that no request has met yet. */
  get pending(): number {
    return this.#queue.reduce((sum, planned) => sum + planned.left, 0);
  }

  take(call: string, company: string): Fault | undefined {
    const fits = (planned: Planned): boolean =>
      (planned.call === call || planned.call === ANY_CALL) &&
      (planned.company === undefined || planned.company === company);
    const queued = this.#queue.find(fits);
    if (queued) {
      queued.left -= 1;
      if (queued.left <= 0) this.#queue = this.#queue.filter((planned) => planned !== queued);
      return queued.fault;
    }
    return this.#standing.find(fits)?.fault ?? this.#rolled(company);
  }

  #rolled(company: string): Fault | undefined {
    const random = this.#random;
    if (!random || random.kinds.length === 0) return undefined;
    if (random.company !== undefined && random.company !== company) return undefined;
    return random.dice.chance(random.rate) ? random.dice.pick(random.kinds) : undefined;
  }
}
