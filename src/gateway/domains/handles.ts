import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { UserInputError } from '../../errors.ts';

/** Half a working day: long enough for a conversation, short enough that a lost one soon opens nothing. */
const DEFAULT_TTL_MS = 4 * 3_600_000;
const MAX_LENGTH = 4_096;

/** Of at least 32 random bytes each; who has one can make handles. */
export interface HandleKeyring {
  /** With which handles are signed now. */
  readonly current: Uint8Array;
  /** Those whose handles are good, the current one among them. */
  readonly accepted: readonly Uint8Array[];
}

export interface HandleOptions {
  readonly keys: HandleKeyring;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly ttlMs?: number;
}

const content = z.strictObject({ domains: z.array(z.string()).nullable(), until: z.int() });

/**
 * A selection of domains that a client carries itself, for 2026-07-28 has no sessions: signed, so that it says what we
 * wrote; bound to the principal, so that it is worth nothing to others; and it ends.
 */
export class DomainHandles {
  readonly #keys: HandleKeyring;
  readonly #now: () => number;
  readonly #ttlMs: number;

  constructor({ keys, now = Date.now, ttlMs = DEFAULT_TTL_MS }: HandleOptions) {
    this.#keys = keys;
    this.#now = now;
    this.#ttlMs = ttlMs;
  }

  /** @param domains undefined for every domain */
  issue(principalId: string, domains: readonly string[] | undefined): string {
    const body = { domains: domains ?? null, until: this.#now() + this.#ttlMs };
    const payload = Buffer.from(JSON.stringify(body)).toString('base64url');
    return `${payload}.${sign(this.#keys.current, principalId, payload).toString('base64url')}`;
  }

  /**
   * The domains of a handle; undefined for every domain.
   *
   * @throws UserInputError for one that is not ours, not this principal's, or over: always with the same words.
   */
  read(principalId: string, handle: unknown): readonly string[] | undefined {
    if (typeof handle !== 'string') throw badHandle();
    const [payload = '', signature = '', ...more] = handle.length > MAX_LENGTH ? [] : handle.split('.');
    const given = Buffer.from(signature, 'base64url');
    const ours = this.#keys.accepted.some((key) => {
      const wanted = sign(key, principalId, payload);
      // The text itself must be what we wrote: Base64 decoders take more than one text for the same bytes.
      return (
        given.length === wanted.length && timingSafeEqual(given, wanted) && wanted.toString('base64url') === signature
      );
    });
    if (!ours || more.length > 0) throw badHandle();
    const { domains, until } = content.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    if (this.#now() >= until) throw badHandle();
    return domains ?? undefined;
  }
}

function sign(key: Uint8Array, principalId: string, payload: string): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify([principalId, payload]))
    .digest();
}

function badHandle(): UserInputError {
  return new UserInputError('domain_handle não vale ou já expirou.', {
    hint: 'Chame select_domain de novo e use o domain_handle da resposta.',
  });
}
