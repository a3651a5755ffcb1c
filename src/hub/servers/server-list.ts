import { HubError } from '../problem.ts';
import type { ServerRecord, Status } from './server-record.ts';
import type { ServerStore } from './server-store.ts';

/** Every deployed server, in memory and in the store; tells of each change. */
export class ServerList {
  readonly #store: ServerStore;
  readonly #now: () => Date;
  readonly #records = new Map<string, ServerRecord>();
  readonly #listeners = new Set<() => void>();
  #writing: Promise<void> = Promise.resolve();

  constructor(store: ServerStore, now: () => Date = () => new Date()) {
    this.#store = store;
    this.#now = now;
  }

  /** What ran before is being started again, whatever was written last of it. */
  async load(): Promise<void> {
    for (const record of await this.#store.load()) {
      this.#records.set(record.id, record.wanted === 'running' ? { ...record, status: 'starting' } : record);
    }
  }

  all(status?: Status): readonly ServerRecord[] {
    const records = [...this.#records.values()];
    return status === undefined ? records : records.filter((record) => record.status === status);
  }

  /** @throws HubError (`servidor_desconhecido`) */
  get(id: string): ServerRecord {
    const record = this.#records.get(id);
    if (record !== undefined) return record;
    throw new HubError('servidor_desconhecido', 'Não há servidor com este id.', {
      hint: 'GET /api/servers mostra os que há.',
    });
  }

  find(id: string): ServerRecord | undefined {
    return this.#records.get(id);
  }

  async add(record: ServerRecord): Promise<void> {
    await this.#keep(record);
  }

  /** Nothing when it was removed meanwhile, or nothing of it changes. A part that is undefined is taken away. */
  async change(id: string, changes: Partial<ServerRecord>): Promise<void> {
    const known = this.#records.get(id);
    if (known === undefined) return;
    const next: ServerRecord = { ...known, ...changes };
    if (JSON.stringify(next) === JSON.stringify(known)) return;
    await this.#keep({ ...next, updated_at: this.#now().toISOString() });
  }

  async remove(id: string): Promise<void> {
    this.#records.delete(id);
    await this.#write(() => this.#store.remove(id));
    this.#tell();
  }

  onChange(listener: () => void): () => void {
    const entry = (): void => listener();
    this.#listeners.add(entry);
    return () => this.#listeners.delete(entry);
  }

  async close(): Promise<void> {
    this.#listeners.clear();
    await this.#writing;
    await this.#store.close();
  }

  async #keep(record: ServerRecord): Promise<void> {
    this.#records.set(record.id, record);
    this.#tell();
    await this.#write(() => this.#store.save(record));
  }

  /** One after the other: what was told last is what is kept. */
  #write(work: () => Promise<void>): Promise<void> {
    const turn = this.#writing.then(work);
    this.#writing = turn.catch(() => {});
    return turn;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
