import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose';
import { discoverJwksUri } from './discover-issuer.ts';
import { IssuerUnavailableError } from './issuer-unavailable.ts';

export interface IssuerKeysOptions {
  readonly issuer: string;
  /** How long after a fetch an unknown key id does not cause another, milliseconds. */
  readonly cooldownMs?: number | undefined;
  /** How long fetched keys are used, milliseconds. */
  readonly maxAgeMs?: number | undefined;
  /** How long a failure is remembered, milliseconds: an issuer in trouble is not asked by every request. */
  readonly failureMs?: number | undefined;
  readonly now: () => number;
}

const COOLDOWN_MS = 10_000;
const MAX_AGE_MS = 10 * 60_000;
const FAILURE_MS = 2_000;
const TIMEOUT_MS = 5_000;

/** The public keys an issuer signs with: found by its metadata, kept for a while, fetched again for a key unseen. */
export class IssuerKeys {
  readonly #options: IssuerKeysOptions;
  #keys: Promise<JWTVerifyGetKey> | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;

  constructor(options: IssuerKeysOptions) {
    this.#options = options;
  }

  /** @throws IssuerUnavailableError when they cannot be had. */
  async get(): Promise<JWTVerifyGetKey> {
    this.#keys ??= this.#discover().catch((error: unknown) => {
      this.#keys = undefined;
      throw error;
    });
    return this.#keys;
  }

  async #discover(): Promise<JWTVerifyGetKey> {
    const { issuer, cooldownMs, maxAgeMs } = this.#options;
    const jwksUri = await this.#unlessFailing(() => discoverJwksUri(issuer));
    return createRemoteJWKSet(jwksUri, {
      timeoutDuration: TIMEOUT_MS,
      cooldownDuration: cooldownMs ?? COOLDOWN_MS,
      cacheMaxAge: maxAgeMs ?? MAX_AGE_MS,
      [customFetch]: (url, options) => this.#unlessFailing(() => fetchKeys(url, options)),
    });
  }

  async #unlessFailing<T>(ask: () => Promise<T>): Promise<T> {
    const { now, failureMs = FAILURE_MS } = this.#options;
    if (now() - this.#failedAt < failureMs) throw new IssuerUnavailableError('the issuer failed a moment ago');
    try {
      return await ask();
    } catch (error) {
      this.#failedAt = now();
      throw error;
    }
  }
}

async function fetchKeys(url: string, options: RequestInit): Promise<Response> {
  try {
    const response = await fetch(url, options);
    if (response.status === 200) return response;
    throw new IssuerUnavailableError(`the issuer's keys answered ${response.status}`);
  } catch (error) {
    if (error instanceof IssuerUnavailableError) throw error;
    throw new IssuerUnavailableError("the issuer's keys cannot be reached", { cause: error });
  }
}
