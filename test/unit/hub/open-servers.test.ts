import { chmod, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openServers } from '../../../src/hub/servers/open-servers.ts';
import { Secret } from '../../../src/logging/secret.ts';
import { silent } from '../../support/upstreams.ts';

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

it('a database that does not answer leaves the folder to the next hub', async () => {
  await expect(open('postgres://hub@127.0.0.1:1/x')).rejects.toThrow(/não pôde ser lido do banco/);
  expect(await readdir(dataDir)).toEqual([]);
});

it('so does a registry that cannot be read, which stays as it is', async () => {
  await writeFile(join(dataDir, 'servers.json'), '{');
  await expect(open()).rejects.toThrow(/não pôde ser lido/);
  expect(await readdir(dataDir)).toEqual(['servers.json']);
});

it('the registry holds keys of servers: it is its owner’s alone to read, whatever it was before', async () => {
  const file = join(dataDir, 'servers.json');
  await writeFile(file, '{"version":1,"servers":[]}');
  await chmod(file, 0o666);
  const { servers, close } = await open();
  const when = '2026-01-01T00:00:00.000Z';
  await servers.add({
    id: 'hub-aaaaaaaaaaaa',
    name: 'a',
    source: { kind: 'npm', name: 'a', version: '1.0.0' },
    method: 'npx',
    status: 'planned',
    wanted: 'running',
    domain: 'a',
    tools: [],
    args: [],
    env: { API_KEY: 'chave' },
    launch: {},
    created_at: when,
    updated_at: when,
  });
  await close();
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await readdir(dataDir)).toEqual(['servers.json']);
});

it('and one that is closed', async () => {
  const first = await open();
  expect(await readdir(dataDir)).toEqual(['hub.lock']);
  await expect(open()).rejects.toThrow(/já tem um hub nesta pasta/);
  await first.close();
  await (await open()).close();
});
