import { beforeEach, expect, it, vi } from 'vitest';
import { HubError } from '../../../src/hub/problem.ts';
import { ServerList } from '../../../src/hub/servers/server-list.ts';
import { type ServerRecord, viewOf } from '../../../src/hub/servers/server-record.ts';
import type { ServerStore } from '../../../src/hub/servers/server-store.ts';
import { SecretScrubber } from '../../../src/logging/redact.ts';

/** Carries out what it is told, and may not say so in time. */
class SlowDatabase implements ServerStore {
  readonly rows = new Map<string, ServerRecord>();
  /** Carried out and not answered, or not carried out either. */
  trouble: 'late' | 'away' | undefined;
  /** Of these it takes nothing. */
  readonly refused = new Set<string>();
  async load(): Promise<readonly ServerRecord[]> {
    return [...this.rows.values()];
  }
  async save(record: ServerRecord): Promise<void> {
    if (this.refused.has(record.id)) throw new Error('refused');
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

/** Longer than any test. */
const NEVER_MS = 3_600_000;

let database: SlowDatabase;
let servers: ServerList;
beforeEach(() => {
  database = new SlowDatabase();
  servers = new ServerList({ store: database, retryMs: NEVER_MS });
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
  await stopped;
  expect(servers.get(id)).toMatchObject({ wanted: 'stopped', status: 'failed', unwritten: true });
});

it('nor what has become of the server meanwhile', async () => {
  const { id } = record('a');
  await servers.add({ ...record('a'), error: 'caiu vezes demais', given_up: true });
  database.trouble = 'away';
  const wish = { wanted: 'running', status: 'starting', error: undefined, given_up: undefined } as const;
  const started = servers.decide(id, wish);
  const stopped = [
    servers.note(id, { wanted: 'stopped' }),
    servers.note(id, { status: 'stopped', error: 'pode ainda estar em execução' }),
  ];
  await expect(started).rejects.toThrow('no answer');
  await Promise.all(stopped);
  expect(servers.get(id)).toMatchObject({
    wanted: 'stopped',
    status: 'stopped',
    error: 'pode ainda estar em execução',
    given_up: true,
  });
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
  await stopped;
  expect(servers.get(id)).toMatchObject({ wanted: 'stopped', unwritten: true });
});

it('after a restart what is to run is being started, and keeps whether it ever ran', async () => {
  const [shown, ran, stopped] = [record('a'), record('b'), record('c')];
  database.rows.set(shown.id, { ...shown, status: 'planned' });
  database.rows.set(ran.id, { ...ran, status: 'deployed', started: true });
  database.rows.set(stopped.id, { ...stopped, status: 'stopped', wanted: 'stopped' });
  await servers.load();
  expect(servers.all().map(({ status, started }) => [status, started])).toEqual([
    ['starting', undefined],
    ['starting', true],
    ['stopped', undefined],
  ]);
});

it('what could not be written is tried again by itself, and said to be unwritten until it is', async () => {
  servers = new ServerList({ store: database, retryMs: 10 });
  const { id } = record('a');
  await servers.add(record('a'));
  database.trouble = 'away';
  await servers.note(id, { wanted: 'stopped' });
  const told = vi.fn();
  servers.onChange(told);
  expect([servers.get(id), servers.find(id), ...servers.all()].map(({ unwritten } = record('a')) => unwritten)).toEqual(
    [true, true, true],
  );
  // Tried more than once.
  const save = vi.spyOn(database, 'save');
  await vi.waitFor(() => expect(save.mock.calls.length).toBeGreaterThan(1), { timeout: 10_000 });
  database.trouble = undefined;
  await vi.waitFor(() => expect(database.rows.get(id)?.wanted).toBe('stopped'), { timeout: 10_000 });
  await vi.waitFor(() => expect(servers.get(id)).not.toHaveProperty('unwritten'), { timeout: 10_000 });
  expect(told).toHaveBeenCalled();
  expect(database.rows.get(id)).not.toHaveProperty('unwritten');
  await servers.close();
});

it('what could not be written is tried once more when the list is closed', async () => {
  await servers.add(record('a'));
  database.trouble = 'away';
  await servers.note(record('a').id, { wanted: 'stopped' });
  database.trouble = undefined;
  await servers.close();
  expect(database.rows.get(record('a').id)?.wanted).toBe('stopped');
});

it('one record that is never taken keeps no other from being written', async () => {
  const [refused, other] = [record('a'), record('b')];
  await servers.add(refused);
  await servers.add(other);
  database.trouble = 'away';
  for (const { id } of [refused, other]) await servers.note(id, { wanted: 'stopped' });
  database.trouble = undefined;
  database.refused.add(refused.id);
  await servers.add(record('c'));
  await vi.waitFor(() => expect(database.rows.get(other.id)?.wanted).toBe('stopped'), { timeout: 10_000 });
  expect([refused, other].map(({ id }) => servers.get(id).unwritten)).toEqual([true, undefined]);
});

it('a database that is away is not asked for each of them', async () => {
  const both = [record('a'), record('b')];
  for (const one of both) await servers.add(one);
  database.trouble = 'away';
  for (const { id } of both) await servers.note(id, { wanted: 'stopped' });
  const asked = vi.spyOn(database, 'save').mockRejectedValue(new HubError('banco_indisponivel', 'Não.'));
  await servers.close();
  expect(asked).toHaveBeenCalledTimes(1);
});

it('the same told again is left to the next try', async () => {
  const { id } = record('a');
  await servers.add(record('a'));
  database.trouble = 'away';
  await servers.note(id, { wanted: 'stopped' });
  const save = vi.spyOn(database, 'save');
  await servers.note(id, { wanted: 'stopped' });
  expect(save).not.toHaveBeenCalled();
  expect(servers.get(id)).toMatchObject({ wanted: 'stopped', unwritten: true });
});

it('while a database hangs, of each server one write waits, and it is of what is so by then', async () => {
  const both = [record('a'), record('b')];
  for (const one of both) await servers.add(one);
  const carryOut = database.save.bind(database);
  let answer = (): void => {};
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const save = vi.spyOn(database, 'save').mockImplementation(async (one) => {
    await answered;
    return carryOut(one);
  });
  const [first, second] = both.map(({ id }) => id);
  if (first === undefined || second === undefined) throw new Error('no ids');
  const begun = servers.note(first, { name: 'begun' });
  await vi.waitFor(() => expect(save).toHaveBeenCalledTimes(1), { timeout: 10_000 });
  const notes = Array.from({ length: 25 }, (_, at) => both.map(({ id }) => servers.note(id, { name: `${at}` }))).flat();
  const wish = servers.decide(second, { wanted: 'stopped' });
  answer();
  await Promise.all([begun, ...notes, wish]);
  expect(save.mock.calls.map(([{ id, name }]) => [id, name])).toEqual([
    [first, 'begun'],
    [first, '24'],
    [second, '24'],
  ]);
  expect(database.rows.get(second)).toMatchObject({ name: '24', wanted: 'stopped' });
});

it('a list that is closed does not wait for a database that hangs, and begins nothing after that', async () => {
  const both = [record('a'), record('b')];
  const onUnwritten = vi.fn();
  servers = new ServerList({ store: database, retryMs: NEVER_MS, farewellMs: 20, onUnwritten });
  for (const one of both) await servers.add(one);
  let fail = (): void => {};
  const save = vi.spyOn(database, 'save').mockImplementation(
    () =>
      new Promise((_, reject) => {
        fail = () => reject(new Error('no answer'));
      }),
  );
  const close = vi.spyOn(database, 'close');
  for (const { id } of both) void servers.note(id, { wanted: 'stopped' });
  await servers.close();
  expect([save.mock.calls.length, close.mock.calls.length, onUnwritten.mock.calls.length]).toEqual([1, 0, 1]);
  fail();
  // What it held is let go as soon as it answers.
  await vi.waitFor(() => expect(close).toHaveBeenCalledTimes(1), { timeout: 10_000 });
  expect(save).toHaveBeenCalledTimes(1);
});

it('a wish that the database took without an answer is taken back there too', async () => {
  const { id } = record('a');
  await servers.add(record('a'));
  database.trouble = 'late';
  await expect(servers.decide(id, { wanted: 'stopped' })).rejects.toThrow('no answer');
  expect(database.rows.get(id)?.wanted).toBe('stopped');
  database.trouble = undefined;
  await servers.close();
  expect(database.rows.get(id)?.wanted).toBe('running');
});

it('what a server was given is made ready to be taken out once, however often its error is shown', async () => {
  const given = [record('a'), record('b')].map((one) => ({ ...one, env: { MODO: `valor-de-${one.name}` } }));
  for (const one of given) await servers.add(one);
  const register = vi.spyOn(SecretScrubber.prototype, 'register');
  try {
    for (const why of ['não veio', 'caiu']) {
      for (const { id } of given) await servers.note(id, { error: `${why}: valor-de-a, valor-de-b` });
      expect(servers.all().map((one) => viewOf(one).error)).toEqual([
        `${why}: [redacted], valor-de-b`,
        `${why}: valor-de-a, [redacted]`,
      ]);
    }
    expect(register).toHaveBeenCalledTimes(2);
  } finally {
    register.mockRestore();
  }
});
