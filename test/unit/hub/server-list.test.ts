import { beforeEach, expect, it } from 'vitest';
import { ServerList } from '../../../src/hub/servers/server-list.ts';
import type { ServerRecord } from '../../../src/hub/servers/server-record.ts';
import type { ServerStore } from '../../../src/hub/servers/server-store.ts';

/** Carries out what it is told, and may not say so in time. */
class SlowDatabase implements ServerStore {
  readonly rows = new Map<string, ServerRecord>();
  /** Carried out and not answered, or not carried out either. */
  trouble: 'late' | 'away' | undefined;
  async load(): Promise<readonly ServerRecord[]> {
    return [...this.rows.values()];
  }
  async save(record: ServerRecord): Promise<void> {
    if (this.trouble !== 'away') this.rows.set(record.id, record);
    this.#answer();
  }
  async remove(id: string): Promise<void> {
    if (this.trouble !== 'away') this.rows.delete(id);
    this.#answer();
  }
  async close(): Promise<void> {}
  #answer(): void {
    if (this.trouble !== undefined) throw new Error('no answer');
  }
}

const record = (letter: string): ServerRecord => ({
  id: `hub-${letter.repeat(12)}`,
  name: letter,
  source: { kind: 'npm', name: letter, version: '1.0.0' },
  method: 'npx',
  status: 'failed',
  wanted: 'running',
  domain: letter,
  tools: [],
  args: [],
  env: {},
  launch: {},
  created_at: '2026-01-01T00:00:00.000Z',
  updated_at: '2026-01-01T00:00:00.000Z',
});

let database: SlowDatabase;
let servers: ServerList;
beforeEach(() => {
  database = new SlowDatabase();
  servers = new ServerList({ store: database });
});

it('what was not deployed does not come back after a restart, though the database had it before it was given up', async () => {
  const [one, other] = [record('a'), record('b')];
  database.trouble = 'late';
  await expect(servers.add(one)).rejects.toThrow('no answer');
  expect(servers.all()).toEqual([]);
  database.trouble = undefined;
  await servers.add(other);
  await servers.close();
  expect([...database.rows.keys()]).toEqual([other.id]);
});

it('a wish that could not be written takes back nothing that was wished for after it', async () => {
  const { id } = record('a');
  await servers.add(record('a'));
  database.trouble = 'away';
  const started = servers.decide(id, { wanted: 'running', status: 'starting' });
  const stopped = servers.note(id, { wanted: 'stopped' });
  await expect(started).rejects.toThrow('no answer');
  expect(await stopped).toBe(false);
  expect(servers.get(id)).toMatchObject({ wanted: 'stopped', status: 'failed' });
});

it('of two wishes that fail nothing is left, and of the second alone what was before it', async () => {
  const { id } = record('a');
  await servers.add(record('a'));
  database.trouble = 'away';
  const wishes = [1, 2].map(() => servers.decide(id, { wanted: 'stopped' }));
  expect((await Promise.allSettled(wishes)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(servers.get(id).wanted).toBe('running');
  const [deleted, stopped] = [servers.decide(id, { wanted: 'stopped' }), servers.note(id, { wanted: 'stopped' })];
  await expect(deleted).rejects.toThrow('no answer');
  expect([await stopped, servers.get(id).wanted]).toEqual([false, 'stopped']);
});

it('what was never started is planned still after a restart: its first start is held to what was shown', async () => {
  const [shown, ran, stopped] = [record('a'), record('b'), record('c')];
  database.rows.set(shown.id, { ...shown, status: 'planned' });
  database.rows.set(ran.id, { ...ran, status: 'deployed' });
  database.rows.set(stopped.id, { ...stopped, status: 'stopped', wanted: 'stopped' });
  await servers.load();
  expect(servers.all().map(({ status }) => status)).toEqual(['planned', 'starting', 'stopped']);
});
