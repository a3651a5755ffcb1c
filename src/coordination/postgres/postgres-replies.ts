/** Replies of the last minute and who is asking now: the row of a question is first a lease and then the reply. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ReplyClaim, ReplyExchange } from '../coordination.ts';
import { WakeList } from '../wake-list.ts';
import { CHANNEL, type LinkListener, type PostgresLink } from './link.ts';

/** A lease that ended or a reply whose minute is over makes room for the next who asks. */
const CLAIM = `
  WITH mine AS (
    INSERT INTO omie_mcp_hub.replies AS known (question, lease, expires_at)
      VALUES ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
      ON CONFLICT (question) DO UPDATE
        SET lease = EXCLUDED.lease, expires_at = EXCLUDED.expires_at, arrived_at = NULL, body = NULL
        WHERE known.expires_at <= clock_timestamp()
      RETURNING lease
  )
  SELECT true AS mine, NULL::bytea AS body, 0::double precision AS age_ms, 0::double precision AS left_ms FROM mine
  UNION ALL
  SELECT false, body, coalesce(extract(epoch FROM clock_timestamp() - arrived_at)::double precision * 1000, 0),
      greatest(0, extract(epoch FROM expires_at - clock_timestamp())::double precision * 1000)
    FROM omie_mcp_hub.replies WHERE question = $1 AND NOT EXISTS (SELECT FROM mine)`;
const PUBLISH = `
  WITH kept AS (
    UPDATE omie_mcp_hub.replies SET body = $3, arrived_at = clock_timestamp() - $4 * interval '1 millisecond',
        expires_at = clock_timestamp() + $5 * interval '1 millisecond'
      WHERE question = $1 AND lease = $2 RETURNING question
  ) SELECT pg_notify('${CHANNEL}', 'reply ' || question) FROM kept`;
const DROP = `
  WITH dropped AS (DELETE FROM omie_mcp_hub.replies WHERE question = $1 AND lease = $2 AND body IS NULL RETURNING question)
  SELECT pg_notify('${CHANNEL}', 'reply ' || question) FROM dropped`;
const PURGE = 'DELETE FROM omie_mcp_hub.replies WHERE expires_at <= clock_timestamp()';
/** Beats between two purges. */
const PURGE_EVERY = 5;
/** A row that another replica is writing in this very moment cannot be seen yet. */
const UNSEEN_MS = 50;

const claimRow = z.object({
  mine: z.boolean(),
  body: z.instanceof(Buffer).nullable(),
  age_ms: z.number(),
  left_ms: z.number(),
});

export class PostgresReplies implements ReplyExchange, LinkListener {
  readonly #link: PostgresLink;
  readonly #waiting = new WakeList();
  #beats = 0;

  constructor(link: PostgresLink) {
    this.#link = link;
  }

  async claim(question: string, holdMs: number): Promise<ReplyClaim> {
    const lease = randomUUID();
    try {
      const [found] = await this.#link.query(CLAIM, [question, lease, Math.ceil(holdMs)]);
      if (found === undefined) return { kind: 'busy', waitMs: UNSEEN_MS };
      const { mine, body, age_ms: ageMs, left_ms: waitMs } = claimRow.parse(found);
      if (mine) return { kind: 'mine', lease };
      return body === null ? { kind: 'busy', waitMs } : { kind: 'ready', body, ageMs };
    } catch {
      return { kind: 'alone' };
    }
  }

  async publish(
    question: string,
    lease: string,
    body: Buffer,
    { ageMs, keepMs }: { ageMs: number; keepMs: number },
  ): Promise<void> {
    await this.#link.query(PUBLISH, [question, lease, body, ageMs, keepMs - ageMs]).catch(() => {});
  }

  async drop(question: string, lease: string): Promise<void> {
    await this.#link.query(DROP, [question, lease]).catch(() => {});
  }

  whenSettled(question: string, wake: () => void): () => void {
    return this.#waiting.add(question, wake);
  }

  async up(): Promise<void> {}

  down(): void {
    // Nobody will be told any more: each asks again and finds itself alone.
    this.#waiting.wakeAll();
  }

  async beat(): Promise<void> {
    this.#beats += 1;
    if (this.#beats % PURGE_EVERY === 1) await this.#link.query(PURGE);
  }

  heard(message: string): void {
    if (message.startsWith('reply ')) this.#waiting.wake(message.slice('reply '.length));
  }
}
