import type { Principal } from '../companies/principal.ts';
import type { OnRefused } from './refusal-reason.ts';

/** More than a client has a reason to ask at once; each request holds memory until it is answered. */
const MAX_PER_CONNECTION = 256;
const MAX_PER_PROCESS = 4_096;

/**
 * How many requests may be in progress: on one connection or session, and in the whole process through any door. One
 * principal gets three quarters of it at most, so that the others are always let in.
 */
export class Admission {
  readonly #cap: number;
  readonly #onRefused: OnRefused;
  readonly #byPrincipal = new Map<Principal, number>();
  #count = 0;

  constructor(cap: number = MAX_PER_PROCESS, onRefused: OnRefused = () => {}) {
    this.#cap = cap;
    this.#onRefused = onRefused;
  }

  /** Whether there is room for one more, given how many its connection has in progress; each is to `leave` once. */
  enter(principal: Principal, ofConnection: number): boolean {
    const own = this.#byPrincipal.get(principal) ?? 0;
    if (ofConnection >= MAX_PER_CONNECTION || this.#count >= this.#cap || own >= Math.ceil(this.#cap * 0.75)) {
      this.#onRefused('overload');
      return false;
    }
    this.#count += 1;
    this.#byPrincipal.set(principal, own + 1);
    return true;
  }

  leave(principal: Principal): void {
    this.#count -= 1;
    const own = this.#byPrincipal.get(principal) ?? 0;
    if (own > 1) this.#byPrincipal.set(principal, own - 1);
    else this.#byPrincipal.delete(principal);
  }
}
