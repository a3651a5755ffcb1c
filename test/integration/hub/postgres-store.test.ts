import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPostgresStore } from '../../../src/hub/servers/postgres-store.ts';
import type { ServerRecord } from '../../../src/hub/servers/server-record.ts';
import { findPostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts';

const bin = await findPostgres();
let postgres: TestPostgres | undefined;
beforeAll(async () => {
  if (bin !== undefined) postgres = await startPostgres(bin);
}, 60_000);
afterAll(() => postgres?.close());

const record = (id: string, when: string): ServerRecord => ({
  id: `hub-${id.repeat(12)}`,
  name: 'um',
  source: { kind: 'npm', name: 'um', version: '1.0.0' },
  method: 'npx',
  status: 'deployed',
  wanted: 'running',
  domain: 'um',
  tools: ['a'],
  args: [],
  env: { K: 'v' },
  launch: { bin: 'x' },
  created_at: when,
  updated_at: when,
});

it.skipIf(bin === undefined)('records outlive the connection, in the order of their creation, whole', async () => {
  const url = postgres?.url ?? '';
  const [younger, older] = [record('b', '2026-02-01T00:00:00.000Z'), record('a', '2026-01-01T00:00:00.000Z')];
  let store = await openPostgresStore(url);
  expect(await store.load()).toEqual([]);
  await store.save(younger);
  await store.save(older);
  await store.save({ ...older, status: 'stopped', wanted: 'stopped' });
  await store.close();
  store = await openPostgresStore(url);
  expect(await store.load()).toEqual([{ ...older, status: 'stopped', wanted: 'stopped' }, younger]);
  await store.remove(older.id);
  expect(await store.load()).toEqual([younger]);
  await store.close();
});

it.skipIf(bin === undefined)('a database that is away stops the start of the hub in words', async () => {
  const store = await openPostgresStore('postgres://hub:canary@127.0.0.1:1/x');
  await expect(store.load()).rejects.toThrow(/registro do hub não pôde ser lido do banco/);
});
