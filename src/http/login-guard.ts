import type { IncomingMessage } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { Principal } from '../companies/principal.ts';
import type { ClientAddress } from './client-address.ts';
import type { RateLimiter } from './rate-limiter.ts';

export interface LoginGuardOptions {
  readonly limiter: RateLimiter;
  readonly clientAddress: ClientAddress;
  /** Bad tokens a minute from one address; 0 for no limit. */
  readonly perMinute: number;
  readonly now?: () => number;
}

const maxRemembered = 10_000;
const rememberMs = 24 * 60 * 60_000;

/**
 * Stops the guessing of tokens: after so many bad ones from an address, tokens that were never good there are not
 * accepted until the minute is over, not even a right one. Those that were go on: a neighbour behind the same address
 * must not be able to lock them out.
 */
export class LoginGuard {
  readonly #options: LoginGuardOptions;
  readonly #now: () => number;
  /** Until when an address has to wait. */
  readonly #blocked = new LRUCache<string, number>({ max: maxRemembered });
  /** Principals by address that came in with a good token. */
  readonly #known = new LRUCache<string, true>({ max: maxRemembered, ttl: rememberMs });

  constructor(options: LoginGuardOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** Counts a bad token. @returns milliseconds to wait, or undefined when there may be another try. */
  async failed(req: IncomingMessage): Promise<number | undefined> {
    const { limiter, clientAddress, perMinute } = this.#options;
    if (perMinute === 0) return undefined;
    const address = clientAddress(req);
    const waitMs = await limiter.take({ bucket: 'login', key: address, perMinute });
    if (waitMs !== undefined) this.#blocked.set(address, this.#now() + waitMs);
    return waitMs;
  }

  /** Whether a good token must wait. @returns milliseconds, or undefined when it is accepted. */
  mustWait(req: IncomingMessage, principal: Principal): number | undefined {
    if (this.#options.perMinute === 0) return undefined;
    const address = this.#options.clientAddress(req);
    const login = `${address} ${principal.id}`;
    const waitMs = this.#blocked.size === 0 ? 0 : (this.#blocked.get(address) ?? 0) - this.#now();
    if (waitMs > 0 && !this.#known.has(login)) return waitMs;
    if (!this.#known.has(login)) this.#known.set(login, true);
    return undefined;
  }
}
