import { createHash } from 'node:crypto';
import { z } from 'zod';
import { KeyedTurns } from '../../keyed-turns.ts';
import type { SharedStore } from '../coordination.ts';
import { checkValue, MemoryStore } from '../memory-store.ts';
import type { LinkListener, PostgresLink } from './link.ts';

const GET = `SELECT key, value FROM omie_mcp_hub.session_values
  WHERE principal = $1 AND key = ANY($2) AND expires_at > clock_timestamp()`;
const SET = `INSERT INTO omie_mcp_hub.session_values (principal, key, value, expires_at)
  VALUES ($1, $2, $3, clock_timestamp() + $4 * interval '1 millisecond')
  ON CONFLICT (principal, key) DO UPDATE SET value = EXCLUDED.value, expires_at = EXCLUDED.expires_at`;
/** Changes nothing where there is a value, but returns it, also one that another replica is just writing. */
const AGREE = `INSERT INTO omie_mcp_hub.session_values (principal, key, value, expires_at)
  VALUES ($1, $2, $3, clock_timestamp() + interval '100 years')
  ON CONFLICT (principal, key) DO UPDATE SET key = EXCLUDED.key RETURNING key, value`;
const DELETE = 'DELETE FROM omie_mcp_hub.session_values WHERE principal = $1 AND key = $2';
const PURGE = 'DELETE FROM omie_mcp_hub.session_values WHERE expires_at <= clock_timestamp()';
/** Beats between two purges. */
const PURGE_EVERY = 60;
/** Changes that wait for the database; beyond, the oldest is given up. */
const MAX_UNSAVED = 10_000;

/** No principal's id is empty: what the replicas agree on belongs to none. */
const NOBODY = '';

const row = z.object({ key: z.string(), value: z.string() });

type Change = (now: number) => { text: string; values: unknown[] } | undefined;

/** The store that survives a restart. While the database is away, what this replica wrote is read from its memory. */
export class PostgresStore implements SharedStore, LinkListener {
  readonly #link: Pick<PostgresLink, 'query'>;
  readonly #now: () => number;
  readonly #memory = new MemoryStore();
  /** By principal and key, what the database must still be told. */
  readonly #unsaved = new Map<string, Change>();
  /** A pool's statements pass each other on the way: those of one key go one after the other. */
  readonly #writing = new KeyedTurns();
  #beats = 0;

  constructor(link: Pick<PostgresLink, 'query'>, now: () => number) {
    this.#link = link;
    this.#now = now;
  }

  async get(principal: string, key: string): Promise<string | undefined> {
    return (await this.getMany(principal, [key]))[0];
  }

  async getMany(principal: string, keys: readonly string[]): Promise<(string | undefined)[]> {
    try {
      const found = (await this.#link.query(GET, [ownerOf(principal), keys])).map((one) => row.parse(one));
      return await Promise.all(
        keys.map((key) =>
          this.#unsaved.has(nameOf(principal, key))
            ? this.#memory.get(principal, key)
            : found.find((one) => one.key === key)?.value,
        ),
      );
    } catch {
      return this.#memory.getMany(principal, keys);
    }
  }

  async set(principal: string, key: string, value: string, ttlMs: number): Promise<void> {
    checkValue(value, ttlMs);
    const endsAt = this.#now() + ttlMs;
    const change: Change = (now) =>
      endsAt <= now ? undefined : { text: SET, values: [ownerOf(principal), key, value, endsAt - now] };
    // Both in this turn of the event loop: nothing that is asked for later comes before it.
    await Promise.all([this.#memory.set(principal, key, value, ttlMs), this.#save(nameOf(principal, key), change)]);
  }

  async setNow(principal: string, key: string, value: string, ttlMs: number): Promise<boolean> {
    checkValue(value, ttlMs);
    const name = nameOf(principal, key);
    const before = this.#unsaved.get(name);
    return await this.#writing.take(name, async () => {
      try {
        await this.#link.query(SET, [ownerOf(principal), key, value, ttlMs]);
      } catch {
        return false;
      }
      // What was asked for later is in memory already, and has its own turn.
      const waiting = this.#unsaved.get(name);
      if (waiting === before || waiting === undefined) {
        this.#unsaved.delete(name);
        await this.#memory.set(principal, key, value, ttlMs);
      }
      return true;
    });
  }

  async delete(principal: string, key: string): Promise<void> {
    const change: Change = () => ({ text: DELETE, values: [ownerOf(principal), key] });
    await Promise.all([this.#memory.delete(principal, key), this.#save(nameOf(principal, key), change)]);
  }

  async agree(name: string, proposal: string): Promise<string | undefined> {
    try {
      const [agreed] = await this.#link.query(AGREE, [ownerOf(NOBODY), name, proposal]);
      return row.parse(agreed).value;
    } catch {
      return undefined;
    }
  }

  async up(): Promise<void> {
    for (const [name, change] of [...this.#unsaved]) await this.#write(name, change);
  }

  down(): void {}

  async beat(): Promise<void> {
    this.#beats += 1;
    if (this.#beats % PURGE_EVERY === 1) await this.#link.query(PURGE);
  }

  heard(): void {}

  async #save(name: string, change: Change): Promise<void> {
    this.#unsaved.delete(name);
    this.#unsaved.set(name, change);
    const [oldest] = this.#unsaved.keys();
    if (this.#unsaved.size > MAX_UNSAVED && oldest !== undefined) this.#unsaved.delete(oldest);
    await this.#write(name, change).catch(() => {});
  }

  #write(name: string, change: Change): Promise<void> {
    return this.#writing.take(name, async () => {
      // Written already, given up, or replaced by what has its own turn.
      if (this.#unsaved.get(name) !== change) return;
      const statement = change(this.#now());
      if (statement !== undefined) await this.#link.query(statement.text, statement.values);
      if (this.#unsaved.get(name) === change) this.#unsaved.delete(name);
    });
  }

  /** Resolves when what was asked for until now is written down, or the time is over. */
  settled(withinMs: number): Promise<void> {
    return this.#writing.settled(withinMs);
  }
}

const nameOf = (principal: string, key: string): string => JSON.stringify([principal, key]);

/** A principal's id may be a person's name: the database need not know it. */
const ownerOf = (principal: string): string => createHash('sha256').update(principal).digest('hex');
