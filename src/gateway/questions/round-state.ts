import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { InvalidStateError } from '../../errors.ts';

/** Long enough for a person to be fetched to the screen. */
const DEFAULT_TTL_MS = 10 * 60_000;
/** What an upstream may say in it, and the envelope. */
const MAX_LENGTH = 131_072;
const IV_BYTES = 12;
const TAG_BYTES = 16;

const content = z.discriminatedUnion('kind', [
  /** The upstream keeps nothing: the next round tells it again what it told us. */
  z.strictObject({ kind: z.literal('told'), server: z.string().optional(), state: z.string().optional() }),
  /** The upstream waits in the middle of the call. */
  z.strictObject({ kind: z.literal('waiting'), call: z.string(), round: z.int() }),
]);
export type RoundState = z.output<typeof content>;
const sealed = z.strictObject({ until: z.int(), body: content });

export interface RoundStateOptions {
  /** 32 random bytes; who has it can make and read states. */
  readonly key: Uint8Array;
  /** Epoch milliseconds. */
  readonly now?: () => number;
  readonly ttlMs?: number;
}

/**
 * What a client of 2026-07-28 carries from one round of a call to the next: encrypted, for it may hold what an upstream
 * tells itself; bound to who called what, so that it is worth nothing elsewhere; and it ends.
 */
export class RoundStates {
  readonly ttlMs: number;
  readonly #key: Uint8Array;
  readonly #now: () => number;

  constructor({ key, now = Date.now, ttlMs = DEFAULT_TTL_MS }: RoundStateOptions) {
    this.#key = key;
    this.#now = now;
    this.ttlMs = ttlMs;
  }

  /** @param bound who called what; the same text opens it again */
  seal(body: RoundState, bound: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, iv).setAAD(Buffer.from(bound));
    const plain = JSON.stringify({ until: this.#now() + this.ttlMs, body });
    const closed = Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return closed.toString('base64url');
  }

  /** @throws InvalidStateError for one that is not ours, not this call's, or over: always with the same words */
  open(state: string, bound: string): RoundState {
    const bytes = Buffer.from(state.length > MAX_LENGTH ? '' : state, 'base64url');
    // The text itself must be what we wrote: Base64 decoders take more than one text for the same bytes.
    if (bytes.length <= IV_BYTES + TAG_BYTES || bytes.toString('base64url') !== state) throw new InvalidStateError();
    const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, IV_BYTES));
    decipher.setAAD(Buffer.from(bound)).setAuthTag(bytes.subarray(-TAG_BYTES));
    let plain: string;
    try {
      plain = decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)).toString() + decipher.final('utf8');
    } catch {
      throw new InvalidStateError();
    }
    const { until, body } = sealed.parse(JSON.parse(plain));
    if (this.#now() >= until) throw new InvalidStateError();
    return body;
  }
}
