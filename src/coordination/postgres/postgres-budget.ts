/**
 * Omie's budgets, shared. Whatever waits in this replica goes to the database in one statement, and one statement is under
 * way at a time: a burst of two hundred companies is two or three round trips. Without the database the replica goes on
 * with its own part of what it knows (ADR 0014).
 */
import { z } from 'zod';
import { type CallLimits, SHARED_LIMITS } from '../call-limits.ts';
import type { CallBudget, CallGrant, CallRequest } from '../coordination.ts';
import { MemoryBudget } from '../memory-budget.ts';
import { CHANNEL, type LinkListener, LONGEST_RETRY_MS, type PostgresLink } from './link.ts';

/** After a silence every replica goes on alone until the last one must be back and have told what it did meanwhile. */
export const REJOIN_MS = LONGEST_RETRY_MS + 2_000;
/** Rows a statement may take; more wait for the next. */
const MOST_AT_ONCE = 500;

const answer = z.object({ granted: z.boolean(), busy: z.boolean(), wait_ms: z.number() });
const heard = z.object({
  ticket: z.string(),
  company: z.string(),
  lane: z.string(),
  age_ms: z.number(),
  held_ms: z.number(),
});

const TAKE = 'SELECT * FROM omie_mcp_hub.take_v1($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)';
const RELEASE = `
  WITH ended AS (
    UPDATE omie_mcp_hub.calls SET held_until = clock_timestamp()
      WHERE ticket = ANY($1) AND held_until > clock_timestamp() RETURNING lane
  ), unused AS (DELETE FROM omie_mcp_hub.calls WHERE ticket = ANY($2) RETURNING lane)
  SELECT pg_notify('${CHANNEL}', 'free ' || lane) FROM (SELECT lane FROM ended UNION SELECT lane FROM unused) AS freed`;
const PAUSE = `
  INSERT INTO omie_mcp_hub.pauses (address, lane, until)
    VALUES ($1, $2, clock_timestamp() + $3 * interval '1 millisecond')
    ON CONFLICT (address, lane) DO UPDATE SET until = greatest(pauses.until, EXCLUDED.until)`;
const HEAR = `
  SELECT ticket, company, lane,
      extract(epoch FROM clock_timestamp() - at)::double precision * 1000 AS age_ms,
      greatest(0, extract(epoch FROM held_until - clock_timestamp())::double precision * 1000) AS held_ms
    FROM omie_mcp_hub.calls
    WHERE address = $1 AND replica <> $2 AND at > clock_timestamp() - $3 * interval '1 millisecond'`;
const TELL = `
  INSERT INTO omie_mcp_hub.calls (ticket, replica, address, company, lane, at, held_until)
    SELECT ticket, $1, $2, company, lane, clock_timestamp() - age_ms * interval '1 millisecond',
        clock_timestamp() + held_ms * interval '1 millisecond'
      FROM unnest($3::text[], $4::text[], $5::text[], $6::float8[], $7::float8[]) AS t(ticket, company, lane, age_ms, held_ms)
    ON CONFLICT (ticket) DO UPDATE SET held_until = EXCLUDED.held_until`;
/** The hour is for addresses that no replica uses any more. */
const PURGE = `
  WITH calls AS (
    DELETE FROM omie_mcp_hub.calls WHERE held_until <= clock_timestamp()
      AND (at <= clock_timestamp() - interval '1 hour'
        OR address = $1 AND at <= clock_timestamp() - $2 * interval '1 millisecond')
  ) DELETE FROM omie_mcp_hub.pauses WHERE until <= clock_timestamp()`;

export interface PostgresBudgetOptions {
  readonly link: PostgresLink;
  readonly replica: string;
  /** Replicas with the same name here leave for Omie by the same address. */
  readonly address: string;
  /** Replicas there may be at most: alone, each has that part of the budgets. */
  readonly replicas: number;
  /** A steady clock, milliseconds. */
  readonly now: () => number;
  readonly limits?: CallLimits | undefined;
}

interface Waiting {
  readonly request: CallRequest;
  readonly resolve: (grant: CallGrant | Promise<CallGrant>) => void;
}

export class PostgresBudget implements CallBudget, LinkListener {
  readonly #options: PostgresBudgetOptions;
  readonly #limits: CallLimits;
  readonly #memory: MemoryBudget;
  #waiting: Waiting[] = [];
  #ended: string[] = [];
  #unused: string[] = [];
  #pumping = false;
  #rejoinAt = 0;

  constructor(options: PostgresBudgetOptions) {
    this.#options = options;
    this.#limits = options.limits ?? SHARED_LIMITS;
    this.#memory = new MemoryBudget({ limits: this.#limits, replica: options.replica, now: options.now });
    this.#memory.goAlone(options.replicas);
  }

  get isAlone(): boolean {
    return this.#memory.isAlone;
  }

  take(request: CallRequest): Promise<CallGrant> {
    if (this.#memory.isAlone) return this.#memory.take(request);
    return new Promise((resolve) => {
      this.#waiting.push({ request, resolve });
      this.#pump();
    });
  }

  release(ticket: string, unused?: 'unused'): void {
    this.#memory.release(ticket, unused);
    if (!this.#options.link.isUp) return;
    (unused === undefined ? this.#ended : this.#unused).push(ticket);
    this.#pump();
  }

  pause(lane: string, ms: number): void {
    this.#memory.pause(lane, ms);
    this.#options.link.query(PAUSE, [this.#options.address, lane, Math.ceil(ms)]).catch(() => {});
  }

  whenFree(lane: string, wake: () => void): () => void {
    return this.#memory.whenFree(lane, wake);
  }

  async up(first: boolean): Promise<void> {
    this.#rejoinAt = this.#options.now() + (first ? 0 : REJOIN_MS);
    await this.#exchange(this.#limits.windowMs);
    this.#rejoinIfTime();
  }

  #goAlone(): void {
    this.#rejoinAt = this.#options.now() + REJOIN_MS;
    this.#memory.goAlone(this.#options.replicas);
  }

  down(): void {
    this.#goAlone();
    this.#ended = [];
    this.#unused = [];
  }

  async beat(): Promise<void> {
    // Three beats, so that a late one leaves no gap.
    await this.#exchange(this.#memory.isAlone ? this.#limits.windowMs : 3_000);
    await this.#options.link.query(PURGE, [this.#options.address, this.#limits.windowMs]);
    this.#rejoinIfTime();
  }

  heard(message: string): void {
    if (message.startsWith('free ')) this.#memory.wake(message.slice('free '.length));
  }

  #rejoinIfTime(): void {
    if (this.#memory.isAlone && this.#options.now() >= this.#rejoinAt) this.#memory.rejoin();
  }

  /** Hears what the others did, and while alone tells what this replica did. */
  async #exchange(spanMs: number): Promise<void> {
    const { link, replica, address } = this.#options;
    const own = this.#memory.isAlone ? this.#memory.ownCalls() : [];
    if (own.length > 0) {
      const columns = [
        own.map(({ id }) => id),
        own.map(({ company }) => company),
        own.map(({ lane }) => lane),
        own.map(({ ageMs }) => ageMs),
        own.map(({ heldMs }) => heldMs),
      ];
      await link.query(TELL, [replica, address, ...columns]);
    }
    for (const row of z.array(heard).parse(await link.query(HEAR, [address, replica, Math.ceil(spanMs)]))) {
      const { ticket: id, company, lane, age_ms: ageMs, held_ms: heldMs } = row;
      this.#memory.hear({ id, company, lane, ageMs, heldMs });
    }
  }

  #pump(): void {
    if (this.#pumping) return;
    this.#pumping = true;
    // At the end of this turn of the event loop: whatever asks together goes together.
    setImmediate(async () => {
      while (this.#waiting.length + this.#ended.length + this.#unused.length > 0) {
        // Who asks after a call has ended finds its place free: what ended before the question goes before it.
        const batch = this.#waiting.splice(0, MOST_AT_ONCE);
        await this.#sendReleases();
        await this.#sendRequests(batch);
      }
      this.#pumping = false;
    });
  }

  async #sendReleases(): Promise<void> {
    if (this.#ended.length + this.#unused.length === 0) return;
    const [ended, unused] = [this.#ended, this.#unused];
    this.#ended = [];
    this.#unused = [];
    // Unheard, the places come back when their time is over, and the next `up` tells of them.
    await this.#options.link.query(RELEASE, [ended, unused]).catch(() => {});
  }

  async #sendRequests(batch: readonly Waiting[]): Promise<void> {
    if (batch.length === 0) return;
    const { link, replica, address } = this.#options;
    const { windowMs, perAddress, perLane, parallel, shareFrom } = this.#limits;
    const tickets = batch.map(() => this.#memory.nextTicket());
    const requests = batch.map(({ request }) => request);
    try {
      const rows = await link.query(TAKE, [
        address,
        replica,
        windowMs,
        perAddress,
        perLane,
        parallel,
        shareFrom,
        tickets,
        requests.map(({ company }) => company),
        requests.map(({ lane }) => lane),
        requests.map(({ perMinute }) => Math.max(1, Math.floor(Math.min(perMinute ?? perAddress, perAddress)))),
        requests.map((request) => Math.max(1, Math.floor(request.parallel))),
        requests.map(({ holdMs }) => Math.ceil(holdMs)),
      ]);
      const answers = z.array(answer).length(batch.length).parse(rows);
      for (const [index, waiting] of batch.entries()) this.#settle(waiting, tickets[index], answers[index]);
    } catch {
      // The statement may have been carried out all the same: its places come back when their time is over.
      if (!this.#memory.isAlone) this.#goAlone();
      for (const { resolve, request } of batch) resolve(this.#memory.take(request));
    }
  }

  #settle({ request, resolve }: Waiting, ticket = '', answered?: z.output<typeof answer>): void {
    const { granted, busy, wait_ms: waitMs } = answered ?? { granted: false, busy: false, wait_ms: 1_000 };
    if (!granted) {
      resolve({ kind: 'later', waitMs: Math.max(1, waitMs), busy });
      return;
    }
    const { company, lane, holdMs } = request;
    this.#memory.hear({ id: ticket, company, lane, ageMs: 0, heldMs: holdMs });
    resolve({ kind: 'granted', ticket });
  }
}
