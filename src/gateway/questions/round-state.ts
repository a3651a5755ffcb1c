import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { InvalidStateError } from '../../errors.ts';
import type { HandleKeyring } from '../domains/handles.ts';
import { MAX_STATE_LENGTH } from './input-required.ts';

/** Long enough for a person to be fetched to the screen. */
const DEFAULT_TTL_MS = 10 * 60_000;
/** Six bytes of JSON for the worst character of what an upstream may say in it, the envelope, and then Base64. */
const MAX_LENGTH = Math.ceil(((6 * MAX_STATE_LENGTH + 4_096) * 4) / 3);
const PURPOSE = 'omie-mcp-hub round states';
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
  /** Of which the keys of states are derived: replicas that share them read each other's. */
  readonly keys: HandleKeyring;
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
  readonly #keys: HandleKeyring;
  readonly #derived = new WeakMap<Uint8Array, Uint8Array>();
  readonly #now: () => number;

  constructor({ keys, now = Date.now, ttlMs = DEFAULT_TTL_MS }: RoundStateOptions) {
    this.#keys = keys;
    this.#now = now;
    this.ttlMs = ttlMs;
  }

  /** @param bound who called what; the same text opens it again */
  seal(body: RoundState, bound: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#derive(this.#keys.current), iv).setAAD(Buffer.from(bound));
    const plain = JSON.stringify({ until: this.#now() + this.ttlMs, body });
    const closed = Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return closed.toString('base64url');
  }

  /** @throws InvalidStateError for one that is not ours, not this call's, or over: always with the same words */
  open(state: string, bound: string): RoundState {
    const bytes = Buffer.from(state.length > MAX_LENGTH ? '' : state, 'base64url');
    // The text itself must be what we wrote: Base64 decoders take more than one text for the same bytes.
    if (bytes.length <= IV_BYTES + TAG_BYTES || bytes.toString('base64url') !== state) throw new InvalidStateError();
    const plain = this.#decrypt(bytes, bound);
    if (plain === undefined) throw new InvalidStateError();
    const { until, body } = sealed.parse(JSON.parse(plain));
    if (this.#now() >= until) throw new InvalidStateError();
    return body;
  }
  #decrypt(bytes: Buffer, bound: string): string | undefined {
    for (const key of this.#keys.accepted) {
      const decipher = createDecipheriv('aes-256-gcm', this.#derive(key), bytes.subarray(0, IV_BYTES));
      decipher.setAAD(Buffer.from(bound)).setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]).toString();
      } catch {
        // Not made with this key, or not for this call.
      }
    }
    return undefined;
  }

  #derive(key: Uint8Array): Uint8Array {
    let derived = this.#derived.get(key);
    if (derived === undefined) {
      derived = new Uint8Array(hkdfSync('sha256', key, '', PURPOSE, 32));
      this.#derived.set(key, derived);
    }
    return derived;
  }
}
