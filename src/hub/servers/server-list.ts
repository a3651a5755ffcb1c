import { HubError, type HubProblemCode } from '../problem.ts';
import type { KnownServer, ServerRecord, Status } from './server-record.ts';
import type { ServerStore } from './server-store.ts';

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
  readonly #records = new Map<string, ServerRecord>();
  readonly #listeners = new Set<() => void>();
  /** Of each server what somebody wants and nobody knows yet to be written, the oldest first. */
  readonly #wishes = new Map<string, OpenWish[]>();
  /** The store does not say of these what memory says. */
  readonly #unwritten = new Set<string>();
  #writing: Promise<void> = Promise.resolve();
  #retry: NodeJS.Timeout | undefined;
  #closed = false;

  constructor({ store, now = () => new Date(), onUnwritten = () => {}, retryMs = 15_000 }: ServerListParts) {
    this.#store = store;
    this.#now = now;
    this.#onUnwritten = onUnwritten;
    this.#retryMs = retryMs;
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
      await this.#write(() => this.#store.save(record));
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
      await this.#write(() => this.#save(id));
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
   * What has become of a server. Nothing when it was removed meanwhile, or nothing of it changes. A part that is undefined is
   * taken away. Never rejects.
   *
   * @returns whether it is written
   */
  async note(id: string, changes: Partial<ServerRecord>): Promise<boolean> {
    const known = this.#records.get(id);
    if (known === undefined) return true;
    const { wanted } = changes;
    if (wanted !== undefined) {
      for (const open of this.#wishes.get(id) ?? []) open.before = { ...open.before, wanted };
    }
    const next: ServerRecord = { ...known, ...changes };
    const isNew = JSON.stringify(next) !== JSON.stringify(known);
    if (isNew) this.#put({ ...next, updated_at: this.#now().toISOString() });
    else if (!this.#unwritten.has(id)) return true;
    try {
      await this.#write(() => this.#save(id));
      return true;
    } catch (thrown) {
      this.#keepUnwritten(id);
      this.#onUnwritten(thrown);
      return false;
    }
  }

  /** @throws as the store does; it is still there then */
  async remove(id: string): Promise<void> {
    await this.#write(async () => {
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

  /** What was told is written by then, where it can be: the next hub goes by it. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#listeners.clear();
    clearTimeout(this.#retry);
    await this.#writing;
    await this.#catchUp();
    await this.#store.close();
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

  /** As it is by then: one that is gone is not written again, and taken away where it may have been written. */
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
      this.#writing = this.#writing.then(() => this.#catchUp()).then(() => this.#retryLater());
    }, this.#retryMs).unref();
  }

  /** One after the other: what was told last is what is kept. */
  #write(work: () => Promise<void>): Promise<void> {
    const turn = this.#writing.then(work);
    this.#writing = turn.then(
      () => this.#catchUp(),
      () => {},
    );
    return turn;
  }

  /** What could not be written before may be by now. Never rejects; one that is not taken keeps no other from it. */
  async #catchUp(): Promise<void> {
    for (const id of [...this.#unwritten]) {
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
