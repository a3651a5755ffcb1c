import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openServers } from '../../../src/hub/servers/open-servers.ts';
import { Secret } from '../../../src/logging/secret.ts';
import { silent } from '../../support/upstreams.ts';

// As where the library of the database is not installed.
vi.mock('../../../src/hub/servers/postgres-store.ts', () => ({
  openPostgresStore: () => Promise.reject(new Error('cannot be opened')),
}));

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-servers-'));
});
afterEach(() => rm(dataDir, { recursive: true, force: true }));

const open = (databaseUrl?: string) =>
  openServers({
    dataDir,
    logger: silent,
    now: () => new Date(),
    ...(databaseUrl === undefined ? {} : { databaseUrl: new Secret(databaseUrl) }),
  });

it('a store that cannot be opened leaves the folder to the next hub', async () => {
  await expect(open('postgres://hub@127.0.0.1:1/x')).rejects.toThrow('cannot be opened');
  expect(await readdir(dataDir)).toEqual([]);
});

it('so does a registry that cannot be read, which stays as it is', async () => {
  await writeFile(join(dataDir, 'servers.json'), '{');
  await expect(open()).rejects.toThrow(/não pôde ser lido/);
  expect(await readdir(dataDir)).toEqual(['servers.json']);
});

it('and one that is closed', async () => {
  const first = await open();
  expect(await readdir(dataDir)).toEqual(['hub.lock']);
  await expect(open()).rejects.toThrow(/já tem um hub nesta pasta/);
  await first.close();
  await (await open()).close();
});
