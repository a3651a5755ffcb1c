import { HubError, type HubProblemCode } from '../problem.ts';
import type { KnownServer, ServerRecord, Status } from './server-record.ts';
import type { ServerStore } from './server-store.ts';
import { WriteLine } from './write-line.ts';

/** What an operator wants of a server, and what follows from it at once. */
export type Wish = Pick<ServerRecord, 'wanted'> & Partial<Pick<ServerRecord, 'status' | 'error' | 'given_up'>>;

interface OpenWish {
  readonly wish: Wish;
  /** What it goes back to when it cannot be written. */
  before: ServerRecord;
}

/** It is the disk or the database itself that takes nothing now. */
const AWAY: ReadonlySet<HubProblemCode> = new Set(['disco_indisponivel', 'banco_indisponivel']);

export interface ServerListParts {
  readonly store: ServerStore;
  readonly now?: (() => Date) | undefined;
  /** Told of what happened and could not be written. */
  readonly onUnwritten?: ((error: unknown) => void) | undefined;
  /** Between two tries to write what could not be written, in milliseconds. */
  readonly retryMs?: number | undefined;
  /** How long a list that is closed waits for its store, in milliseconds. */
  readonly farewellMs?: number | undefined;
}

/**
 * Every deployed server, in memory and in the store; tells of each change. What somebody wants is written or has not
 * happened; what has happened is true whether it can be written or not, and is written with the next that can be, after a
 * while, or when the list is closed.
 */
export class ServerList {
  readonly #store: ServerStore;
  readonly #now: () => Date;
  readonly #onUnwritten: (error: unknown) => void;
  readonly #retryMs: number;
  readonly #farewellMs: number;
  readonly #records = new Map<string, ServerRecord>();
  readonly #listeners = new Set<() => void>();
  /** Of each server what somebody wants and nobody knows yet to be written, the oldest first. */
  readonly #wishes = new Map<string, OpenWish[]>();
  /** The store does not say of these what memory says. */
  readonly #unwritten = new Set<string>();
  readonly #writes = new WriteLine(async () => {
    await this.#catchUp();
    this.#retryLater();
  });
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(parts: ServerListParts) {
    const { store, now = () => new Date(), onUnwritten = () => {}, retryMs = 15_000, farewellMs = 5_000 } = parts;
    this.#store = store;
    this.#now = now;
    this.#onUnwritten = onUnwritten;
    this.#retryMs = retryMs;
    this.#farewellMs = farewellMs;
  }

  /** What is to run is being started again, whatever was written last of it. */
  async load(): Promise<void> {
    for (const record of await this.#store.load()) {
      this.#records.set(record.id, isToRun(record) ? { ...record, status: 'starting' } : record);
    }
  }

  all(status?: Status): readonly KnownServer[] {
    const records = [...this.#records.values()].map((record) => this.#known(record));
    return status === undefined ? records : records.filter((record) => record.status === status);
  }

  /** @throws HubError (`servidor_desconhecido`) */
  get(id: string): KnownServer {
    const record = this.find(id);
    if (record !== undefined) return record;
    throw new HubError('servidor_desconhecido', 'Não há servidor com este id.', {
      hint: 'GET /api/servers mostra os que há.',
    });
  }

  find(id: string): KnownServer | undefined {
    const record = this.#records.get(id);
    return record === undefined ? undefined : this.#known(record);
  }

  /** It is there at once, so that nobody takes its domain. @throws as the store does; it is not there then */
  async add(record: ServerRecord): Promise<void> {
    this.#put(record);
    try {
      await this.#writes.put(() => this.#store.save(record));
    } catch (thrown) {
      this.#records.delete(record.id);
      // A database that did not answer in time may have it.
      this.#keepUnwritten(record.id);
      throw thrown;
    }
  }

  /** Nothing when it was removed meanwhile. @throws as the store does; nothing has changed then */
  async decide(id: string, wish: Wish): Promise<void> {
    const before = this.#records.get(id);
    if (before === undefined) return;
    const open: OpenWish = { wish, before };
    this.#wishes.set(id, [...(this.#wishes.get(id) ?? []), open]);
    this.#put({ ...before, ...wish, updated_at: this.#now().toISOString() });
    try {
      await this.#saveSoon(id);
    } catch (thrown) {
      this.#takeBack(id, open);
      // What was written of it between the wish and its end may hold the wish.
      this.#keepUnwritten(id);
      throw thrown;
    } finally {
      const others = (this.#wishes.get(id) ?? []).filter((other) => other !== open);
      if (others.length > 0) this.#wishes.set(id, others);
      else this.#wishes.delete(id);
    }
  }

  /**
   * What has become of a server. Nothing when it was removed meanwhile, or nothing of it changes: what of that is not
   * written yet is tried again anyway. A part that is undefined is taken away. Resolves when it is known whether it could be
   * written. Never rejects.
   */
  async note(id: string, changes: Partial<ServerRecord>): Promise<void> {
    const known = this.#records.get(id);
    if (known === undefined) return;
    // It is so whatever becomes of a wish.
    for (const open of this.#wishes.get(id) ?? []) open.before = { ...open.before, ...changes };
    const next: ServerRecord = { ...known, ...changes };
    if (JSON.stringify(next) === JSON.stringify(known)) return;
    this.#put({ ...next, updated_at: this.#now().toISOString() });
    try {
      await this.#saveSoon(id);
    } catch (thrown) {
      this.#keepUnwritten(id);
      this.#onUnwritten(thrown);
    }
  }

  /** @throws as the store does; it is still there then */
  async remove(id: string): Promise<void> {
    await this.#writes.put(async () => {
      await this.#store.remove(id);
      this.#records.delete(id);
      this.#unwritten.delete(id);
    });
    this.#tell();
  }

  onChange(listener: () => void): () => void {
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  /** What was told is written by then, where it can be in time: the next hub goes by it. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    clearTimeout(this.#retry);
    const last = async (): Promise<void> => {
      await this.#catchUp();
      await this.#store.close();
    };
    if (await this.#writes.finish(last, this.#farewellMs)) return;
    this.#onUnwritten(new Error(`the registry of the hub was not closed within ${this.#farewellMs} ms`));
  }

  #known(record: ServerRecord): KnownServer {
    return this.#unwritten.has(record.id) ? { ...record, unwritten: true } : record;
  }

  #put(record: ServerRecord): void {
    this.#records.set(record.id, record);
    this.#tell();
  }

  /** Who wished for something after it keeps that, and falls back to what was before both. */
  #takeBack(id: string, open: OpenWish): void {
    const all = this.#wishes.get(id) ?? [];
    const later = all[all.indexOf(open) + 1];
    if (later !== undefined) later.before = without(later.before, open);
    const now = this.#records.get(id);
    if (now === undefined) return;
    const isLast = later === undefined && now.wanted === open.wish.wanted;
    this.#put({ ...without(now, open), ...(isLast ? {} : { wanted: now.wanted }) });
  }

  /** As it is when its turn comes: however much is told of it until then, it is written once. */
  #saveSoon(id: string): Promise<void> {
    return this.#writes.once(id, () => this.#save(id));
  }

  /** One that is gone is not written again, and taken away where it may have been written. */
  async #save(id: string): Promise<void> {
    const record = this.#records.get(id);
    if (record !== undefined) await this.#store.save(record);
    else if (this.#unwritten.has(id)) await this.#store.remove(id);
    if (this.#unwritten.delete(id)) this.#tell();
  }

  #keepUnwritten(id: string): void {
    this.#unwritten.add(id);
    this.#tell();
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#closed || this.#retry !== undefined || this.#unwritten.size === 0) return;
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      // What comes after each is all there is to do.
      this.#writes.put(async () => {}).catch(() => {});
    }, this.#retryMs).unref();
  }

  /** What could not be written before may be by now. Never rejects; one that is not taken keeps no other from it. */
  async #catchUp(): Promise<void> {
    for (const id of [...this.#unwritten]) {
      if (this.#writes.isLeft) return;
      try {
        await this.#save(id);
      } catch (thrown) {
        // The others would only wait for the same.
        if (thrown instanceof HubError && AWAY.has(thrown.code)) return;
      }
    }
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

function without(record: ServerRecord, { wish, before }: OpenWish): ServerRecord {
  const { wanted, status, error, given_up } = before;
  return { ...record, wanted, ...('status' in wish ? { status, error, given_up } : {}) };
}

/** Whether a hub that begins starts it. */
export function isToRun({ wanted, given_up: givenUp }: ServerRecord): boolean {
  return wanted === 'running' && givenUp !== true;
}
