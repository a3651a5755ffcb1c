/**
 * One question, asked once by all replicas together: whoever holds its lease asks Omie, the others wait for that reply.
 * Omie refuses the same question inside a minute, whichever of our processes repeats it.
 */

import type { ReplyExchange } from '../coordination/coordination.ts';
import type { StopSignal } from '../stop-signal.ts';
import { Alarm } from './alarm.ts';
import type { Clock } from './clock.ts';
import { tooLong } from './limiter.ts';
import type { PostReply } from './post.ts';
import { REPLY_TTL_MS } from './response-cache.ts';
import { openReply, sealReply } from './sealed-reply.ts';

export interface SharedQuestion {
  readonly name: string;
  readonly key: Buffer;
  /** The asking ends before this time, in milliseconds since 1970. */
  readonly deadlineAt: number;
  readonly signal: StopSignal;
}

/** The right to ask. Exactly one of the two ends it. */
export interface Lease {
  /** The reply that came, for the others; does not keep the caller waiting. */
  keep(reply: PostReply, arrivedAt: number): void;
  drop(): void;
}

export type Claim =
  | { readonly kind: 'lease'; readonly lease: Lease }
  | { readonly kind: 'reply'; readonly reply: PostReply; readonly arrivedAt: number }
  /** The others cannot be heard, or what they left cannot be read: asked without them. */
  | { readonly kind: 'alone' };

const ASK_AGAIN_MS = 1_000;
const MARGIN_MS = 1_000;

export class SharedReplies {
  readonly #exchange: ReplyExchange;
  readonly #clock: Clock;
  readonly #leaving = new Set<Promise<void>>();

  constructor(exchange: ReplyExchange, clock: Clock) {
    this.#exchange = exchange;
    this.#clock = clock;
  }

  /** Throws `CancelledError`, and the fault `rate` when another replica's reply does not come before the deadline. */
  async claim(question: SharedQuestion): Promise<Claim> {
    const { name, key, deadlineAt, signal } = question;
    for (;;) {
      const settled = new Alarm((wake) => this.#exchange.whenSettled(name, wake));
      try {
        const leftMs = deadlineAt - this.#clock.now();
        if (leftMs <= 0) throw tooLong(0);
        const claim = await this.#exchange.claim(name, leftMs + MARGIN_MS);
        if (claim.kind === 'alone') return claim;
        if (claim.kind === 'mine') return { kind: 'lease', lease: this.#leaseOf(question, claim.lease) };
        if (claim.kind === 'ready') {
          const reply = await openReply(claim.body, key, name);
          if (reply === undefined) return { kind: 'alone' };
          const arrivedAt = this.#clock.now() - claim.ageMs;
          return { kind: 'reply', reply: { ...reply, retryAfter: undefined }, arrivedAt };
        }
        await settled.wait(this.#clock, Math.max(1, Math.min(claim.waitMs, ASK_AGAIN_MS, leftMs)), signal);
      } finally {
        settled.callOff();
      }
    }
  }

  /** Until every reply kept so far has been handed over. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#leaving);
  }

  #leaseOf({ name, key }: SharedQuestion, lease: string): Lease {
    let held = true;
    const end = (leave: () => Promise<void>): void => {
      if (!held) return;
      held = false;
      const leaving = leave()
        .catch(() => {})
        .finally(() => this.#leaving.delete(leaving));
      this.#leaving.add(leaving);
    };
    return {
      keep: (reply, arrivedAt) =>
        end(async () => {
          const body = await sealReply(reply, key, name);
          const ageMs = this.#clock.now() - arrivedAt;
          await this.#exchange.publish(name, lease, body, { ageMs, keepMs: REPLY_TTL_MS });
        }),
      drop: () => end(() => this.#exchange.drop(name, lease)),
    };
  }
}
