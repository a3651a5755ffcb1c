import { mkdir, mkdtemp, readdir, realpath, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { localRunner } from '../../../../src/hub/runners/local.ts';
import type { Runner } from '../../../../src/hub/runners/runner.ts';
import { ServerFolders } from '../../../../src/hub/runners/server-folder.ts';
import { LogLines } from '../../../../src/hub/servers/log-lines.ts';
import type { ServerRecord } from '../../../../src/hub/servers/server-record.ts';
import { silent } from '../../../support/upstreams.ts';

const { signal } = new AbortController();
const source = { kind: 'folder', folder: 'probe' } as const;
let root: string;
let file: string;
let runner: Runner;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'omie-mcp-hub-local-')));
  file = join(root, 'servers/probe/index.cjs');
  await mkdir(join(root, 'servers/probe'), { recursive: true });
  await mkdir(join(root, 'data'));
  await writeFile(join(root, 'servers/probe/package.json'), '{"name":"probe","bin":"index.cjs"}');
  await writeFile(file, 'um');
  runner = localRunner({
    dataDir: join(root, 'data'),
    localDir: join(root, 'servers'),
    folders: new ServerFolders(join(root, 'data')),
    lines: new LogLines(),
    logger: silent,
    installerEnvironment: {},
    nodePermissions: true,
    registries: async () => ({ own: undefined, standard: undefined }),
  });
});
afterEach(() => rm(root, { recursive: true, force: true }));

const plan = () => runner.plan({ source, args: [], env: {} }, signal);
const record = (launch: ServerRecord['launch'], started: true | undefined): ServerRecord => ({
  id: 'hub-aaaaaaaaaaaa',
  name: 'probe',
  source,
  method: 'local',
  status: 'starting',
  wanted: 'running',
  started,
  domain: 'probe',
  tools: [],
  args: [],
  env: {},
  launch,
  created_at: '2026-01-02T03:04:05.000Z',
  updated_at: '2026-01-02T03:04:05.000Z',
});
const start = (launch: ServerRecord['launch'], started?: true) =>
  runner.start(record(launch, started), { signal, log: () => {} });

it('a folder that changed between its plan and its first start does not start', async () => {
  const { launch } = await plan();
  expect(await start(launch)).toMatchObject({ transport: 'stdio' });
  await rm(join(root, 'data'), { recursive: true });
  await writeFile(file, 'dois');
  // Nor when it is asked again, or by the next hub.
  for (let times = 0; times < 2; times += 1)
    await expect(start(launch)).rejects.toMatchObject({ code: 'conflito_de_estado' });
  await expect(readdir(join(root, 'data'))).rejects.toThrow(/ENOENT/);
});

it('one that ran before starts with what lies in its folder now', async () => {
  const { launch } = await plan();
  await writeFile(file, 'dois');
  expect(await start(launch, true)).toMatchObject({ transport: 'stdio' });
});

it('a program that no digest covers is told to be one', async () => {
  expect((await plan()).warnings.join(' ')).not.toMatch(/O próprio programa/);
  await mkdir(join(root, 'servers/probe/node_modules'));
  await writeFile(join(root, 'servers/probe/node_modules/x.cjs'), '');
  await writeFile(join(root, 'servers/probe/package.json'), '{"name":"probe","bin":"node_modules/x.cjs"}');
  expect((await plan()).warnings.join(' ')).toMatch(/O próprio programa .* o digest não cobre/);
});

it('a folder too large to be read has no digest of its own, and its plan says so', async () => {
  const small = await plan();
  expect(small.warnings.join(' ')).toMatch(/O digest cobre o que há na pasta, menos node_modules/);
  expect(small.content).toMatch(/^[0-9a-f]{64}$/);
  await truncate(file, 65 * 1_048_576);
  const large = await plan();
  expect(large.warnings.join(' ')).toMatch(/grande demais .* o digest não cobre/);
  expect(large.content).toBeUndefined();
  expect(await start(large.launch)).toMatchObject({ transport: 'stdio' });
});
