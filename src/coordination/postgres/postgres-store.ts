import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { SharedStore } from '../coordination.ts';
import { checkValue, MemoryStore } from '../memory-store.ts';
import type { LinkListener, PostgresLink } from './link.ts';

const GET = `SELECT value FROM omie_mcp_hub.session_values
  WHERE principal = $1 AND key = $2 AND expires_at > clock_timestamp()`;
const SET = `INSERT INTO omie_mcp_hub.session_values (principal, key, value, expires_at)
  VALUES ($1, $2, $3, clock_timestamp() + $4 * interval '1 millisecond')
  ON CONFLICT (principal, key) DO UPDATE SET value = EXCLUDED.value, expires_at = EXCLUDED.expires_at`;
const DELETE = 'DELETE FROM omie_mcp_hub.session_values WHERE principal = $1 AND key = $2';
const PURGE = 'DELETE FROM omie_mcp_hub.session_values WHERE expires_at <= clock_timestamp()';
/** Beats between two purges. */
const PURGE_EVERY = 60;
/** Changes that wait for the database; beyond, the oldest is given up. */
const MAX_UNSAVED = 10_000;

const row = z.object({ value: z.string() });

type Change = (now: number) => { text: string; values: unknown[] } | undefined;

/** The store that survives a restart. While the database is away, what this replica wrote is read from its memory. */
export class PostgresStore implements SharedStore, LinkListener {
  readonly #link: PostgresLink;
  readonly #now: () => number;
  readonly #memory = new MemoryStore();
  /** By principal and key, what the database must still be told. */
  readonly #unsaved = new Map<string, Change>();
  #beats = 0;

  constructor(link: PostgresLink, now: () => number) {
    this.#link = link;
    this.#now = now;
  }

  async get(principal: string, key: string): Promise<string | undefined> {
    if (this.#unsaved.has(nameOf(principal, key))) return this.#memory.get(principal, key);
    try {
      const [found] = await this.#link.query(GET, [ownerOf(principal), key]);
      return found === undefined ? undefined : row.parse(found).value;
    } catch {
      return this.#memory.get(principal, key);
    }
  }

  async set(principal: string, key: string, value: string, ttlMs: number): Promise<void> {
    checkValue(value, ttlMs);
    const endsAt = this.#now() + ttlMs;
    await this.#memory.set(principal, key, value, ttlMs);
    await this.#save(nameOf(principal, key), (now) =>
      endsAt <= now ? undefined : { text: SET, values: [ownerOf(principal), key, value, endsAt - now] },
    );
  }

  async delete(principal: string, key: string): Promise<void> {
    await this.#memory.delete(principal, key);
    await this.#save(nameOf(principal, key), () => ({ text: DELETE, values: [ownerOf(principal), key] }));
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

  async #write(name: string, change: Change): Promise<void> {
    const statement = change(this.#now());
    if (statement !== undefined) await this.#link.query(statement.text, statement.values);
    if (this.#unsaved.get(name) === change) this.#unsaved.delete(name);
  }
}

const nameOf = (principal: string, key: string): string => JSON.stringify([principal, key]);

/** A principal's id may be a person's name: the database need not know it. */
const ownerOf = (principal: string): string => createHash('sha256').update(principal).digest('hex');
