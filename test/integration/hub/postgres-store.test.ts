import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPostgresStore } from '../../../src/hub/servers/postgres-store.ts';
import type { ServerRecord } from '../../../src/hub/servers/server-record.ts';
import { startHub } from '../../support/hub-house.ts';
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

it.skipIf(bin === undefined)(
  'a value that it does not hold is no database that is away: nobody is told to repeat',
  async () => {
    const store = await openPostgresStore(postgres?.url ?? '');
    await store.load();
    const one = record('d', '2026-04-01T00:00:00.000Z');
    await expect(store.save({ ...one, args: ['a\u0000b'] })).rejects.toMatchObject({
      code: 'pedido_recusado',
      retryAfterMs: undefined,
    });
    await store.close();
  },
);

it.skipIf(bin === undefined)('a database that is away stops the start of the hub in words', async () => {
  const store = await openPostgresStore('postgres://hub:canary@127.0.0.1:1/x');
  await expect(store.load()).rejects.toThrow(/registro do hub não pôde ser lido do banco/);
});

it.skipIf(bin === undefined)(
  'one that goes away takes nothing with it: 503, and all is as it was until it is back',
  async () => {
    const { url = '', stop, start } = postgres ?? {};
    const { id, ...kept } = record('c', '2026-03-01T00:00:00.000Z');
    const store = await openPostgresStore(url);
    await store.load();
    await store.save({ ...kept, id, status: 'stopped', wanted: 'stopped' });
    await store.close();
    const hub = await startHub({ DATABASE_URL: url });
    try {
      await stop?.('immediate');
      for (const [method, path] of [
        ['DELETE', `/api/servers/${id}`],
        ['POST', `/api/servers/${id}/start`],
      ] as const) {
        const { status, body, headers } = await hub.ask(method, path);
        expect({ status, body }).toMatchObject({
          status: 503,
          body: { code: 'banco_indisponivel', hint: expect.stringContaining('DATABASE_URL') },
        });
        expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
        // Neither who connects nor to where.
        expect(JSON.stringify(body)).not.toMatch(/only-for-this-test|127\.0\.0\.1/);
      }
      expect((await hub.ask('GET', `/api/servers/${id}`)).body).toMatchObject({ id, status: 'stopped' });
      await start?.();
      expect((await hub.ask('DELETE', `/api/servers/${id}`)).status).toBe(204);
      expect(await postgres?.query('SELECT id FROM omie_mcp_hub.hub_servers WHERE id = $1', [id])).toEqual([]);
    } finally {
      await hub.close();
    }
  },
  60_000,
);
