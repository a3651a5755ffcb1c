/** Replies of the last minute and who is asking now: the row of a question is first a lease and then the reply. */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { ReplyClaim, ReplyExchange } from '../coordination.ts';
import { WakeList } from '../wake-list.ts';
import { Batches } from './batches.ts';
import { CHANNEL, type LinkListener, type PostgresLink } from './link.ts';

/**
 * A lease that ended or a reply whose minute is over makes room for the next who asks. In the order of their names, so that
 * two replicas that ask for the same several questions do not wait for each other in a circle.
 */
const CLAIM = `
  WITH asked AS (
    SELECT * FROM unnest($1::text[], $2::text[], $3::integer[]) AS t(question, lease, hold_ms)
  ), mine AS (
    INSERT INTO omie_mcp_hub.replies AS known (question, lease, expires_at)
      SELECT question, lease, clock_timestamp() + hold_ms * interval '1 millisecond' FROM asked ORDER BY question
      ON CONFLICT (question) DO UPDATE
        SET lease = EXCLUDED.lease, expires_at = EXCLUDED.expires_at, arrived_at = NULL, body = NULL
        WHERE known.expires_at <= clock_timestamp()
      RETURNING question
  )
  SELECT question, true AS mine, NULL::bytea AS body, 0::double precision AS age_ms, 0::double precision AS left_ms FROM mine
  UNION ALL
  SELECT question, false, body, coalesce(extract(epoch FROM clock_timestamp() - arrived_at)::double precision * 1000, 0),
      greatest(0, extract(epoch FROM expires_at - clock_timestamp())::double precision * 1000)
    FROM omie_mcp_hub.replies r
    WHERE question = ANY($1) AND NOT EXISTS (SELECT FROM mine WHERE mine.question = r.question)`;
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

/** Each may bring a page of a megabyte. */
const MOST_AT_ONCE = 100;

const claimRow = z.object({
  question: z.string(),
  mine: z.boolean(),
  body: z.instanceof(Buffer).nullable(),
  age_ms: z.number(),
  left_ms: z.number(),
});

interface Asked {
  readonly question: string;
  readonly lease: string;
  readonly holdMs: number;
  readonly resolve: (claim: ReplyClaim) => void;
}

export class PostgresReplies implements ReplyExchange, LinkListener {
  readonly #link: PostgresLink;
  readonly #waiting = new WakeList();
  readonly #asked = new Batches<Asked>(MOST_AT_ONCE, (asked) => this.#claimAll(asked));
  #beats = 0;

  constructor(link: PostgresLink) {
    this.#link = link;
  }

  claim(question: string, holdMs: number): Promise<ReplyClaim> {
    return new Promise((resolve) => this.#asked.add({ question, lease: randomUUID(), holdMs, resolve }));
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

  async #claimAll(asked: readonly Asked[]): Promise<void> {
    // One statement cannot claim a question twice; the second finds the first one's lease when it asks again.
    const first = new Map<string, Asked>();
    for (const one of asked) {
      if (first.has(one.question)) one.resolve({ kind: 'busy', waitMs: UNSEEN_MS });
      else first.set(one.question, one);
    }
    const all = [...first.values()];
    const columns = [
      all.map(({ question }) => question),
      all.map(({ lease }) => lease),
      all.map(({ holdMs }) => Math.ceil(holdMs)),
    ];
    try {
      const rows = z.array(claimRow).parse(await this.#link.query(CLAIM, columns));
      const found = new Map(rows.map((row) => [row.question, row]));
      for (const { question, lease, resolve } of all) resolve(claimOf(found.get(question), lease));
    } catch {
      for (const { resolve } of all) resolve({ kind: 'alone' });
    }
  }
}

function claimOf(row: z.output<typeof claimRow> | undefined, lease: string): ReplyClaim {
  if (row === undefined) return { kind: 'busy', waitMs: UNSEEN_MS };
  if (row.mine) return { kind: 'mine', lease };
  if (row.body === null) return { kind: 'busy', waitMs: row.left_ms };
  return { kind: 'ready', body: row.body, ageMs: row.age_ms };
}
