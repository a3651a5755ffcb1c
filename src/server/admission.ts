import type { OnRefused } from './refusal-reason.ts';

/** More than a client has a reason to ask at once; each request holds memory until it is answered. */
const MAX_PER_CONNECTION = 256;
const MAX_PER_PROCESS = 4_096;

/** How many requests may be in progress: on one connection or session, and in the whole process through any door. */
export class Admission {
  readonly #cap: number;
  readonly #onRefused: OnRefused;
  #count = 0;

  constructor(cap: number = MAX_PER_PROCESS, onRefused: OnRefused = () => {}) {
    this.#cap = cap;
    this.#onRefused = onRefused;
  }

  /** Whether there is room for one more, given how many its connection has in progress; each is to `leave` once. */
  enter(ofConnection: number): boolean {
    if (ofConnection >= MAX_PER_CONNECTION || this.#count >= this.#cap) {
      this.#onRefused('overload');
      return false;
    }
    this.#count += 1;
    return true;
  }

  leave(): void {
    this.#count -= 1;
  }
}
