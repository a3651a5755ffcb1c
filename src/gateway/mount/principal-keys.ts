import type { Principal } from '../../companies/principal.ts';

/**
 * A key for what an upstream keeps for callers without a session (2026-07-28, REST): one for each principal, the very
 * object (docs/adr/0010), so that a token made anew under an old id begins anew. No session's id has a blank in it.
 */
export class PrincipalKeys {
  readonly #keys = new WeakMap<Principal, string>();
  #last = 0;

  of(principal: Principal): string {
    let key = this.#keys.get(principal);
    if (key === undefined) {
      this.#last += 1;
      key = `principal ${this.#last}`;
      this.#keys.set(principal, key);
    }
    return key;
  }
}
