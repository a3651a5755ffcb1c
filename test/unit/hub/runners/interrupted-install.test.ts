import { chmod, mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type LocalRunnerParts, localRunner } from '../../../../src/hub/runners/local.ts';
import { npxRunner } from '../../../../src/hub/runners/npx.ts';
import { MARK, markOf } from '../../../../src/hub/runners/orphans.ts';
import type { Runner } from '../../../../src/hub/runners/runner.ts';
import { ServerFolders } from '../../../../src/hub/runners/server-folder.ts';
import { LogLines } from '../../../../src/hub/servers/log-lines.ts';
import type { ServerRecord } from '../../../../src/hub/servers/server-record.ts';
import { silent } from '../../../support/upstreams.ts';

const ID = 'hub-aaaaaaaaaaaa';
let root: string;
let own: string;
let parts: LocalRunnerParts;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'omie-mcp-hub-halves-')));
  own = join(root, 'data/servers', ID);
  await mkdir(join(root, 'bin'));
  await mkdir(join(root, 'data'));
  parts = {
    dataDir: join(root, 'data'),
    localDir: join(root, 'local'),
    folders: new ServerFolders(join(root, 'data')),
    lines: new LogLines(),
    logger: silent,
    installerEnvironment: { PATH: `${root}/bin:${process.env['PATH']}`, ROOT: root },
    nodePermissions: true,
    registries: async () => ({ own: undefined, standard: undefined }),
  };
});
afterEach(() => rm(root, { recursive: true, force: true }));

const program = async (name: string, text: string): Promise<void> => {
  await writeFile(join(root, 'bin', name), `#!/bin/sh\necho "${name} $*" >> "$ROOT/ran"\n${text}\n`);
  await chmod(join(root, 'bin', name), 0o755);
};
const runs = async (): Promise<number> => (await readFile(join(root, 'ran'), 'utf8')).trim().split('\n').length;
const record = (more: Pick<ServerRecord, 'source' | 'method' | 'launch'>): ServerRecord => ({
  id: ID,
  name: 'probe',
  status: 'starting',
  wanted: 'running',
  domain: 'probe',
  tools: [],
  args: [],
  env: {},
  created_at: '2026-01-02T03:04:05.000Z',
  updated_at: '2026-01-02T03:04:05.000Z',
  ...more,
});
const start = (runner: Runner, server: ServerRecord, signal = new AbortController().signal) =>
  runner.start(server, { signal, log: () => {} });
/** Started, and given up when this file is there. */
async function interrupted(runner: Runner, server: ServerRecord, when: string): Promise<void> {
  const abort = new AbortController();
  const started = start(runner, server, abort.signal);
  await vi.waitFor(async () => expect(await readdir(join(own, when))).not.toEqual([]), { timeout: 10_000 });
  abort.abort();
  await expect(started).rejects.toThrow(/abort/);
}

describe.skipIf(process.platform === 'win32')('npm', () => {
  const server = record({
    source: { kind: 'npm', name: 'probe', version: '1.2.3' },
    method: 'npx',
    launch: { name: 'probe', version: '1.2.3', bin: 'x.js' },
  });
  const OF_PROBE = `cd data/servers/${ID}; mkdir -p node_modules/probe
    test -e node_modules/old && exit 9
    echo '{"version":"1.2.3"}' > node_modules/probe/package.json`;

  it('that was ended half-way begins again with nothing of before, and one that ended is not run again', async () => {
    const runner = npxRunner(parts);
    await program('npm', `cd "$ROOT"; ${OF_PROBE}; touch node_modules/old; echo '{"na' > package.json; exec sleep 60`);
    await interrupted(runner, server, 'node_modules/probe');
    await program('npm', `cd "$ROOT"; ${OF_PROBE}; test -e package.json && exit 8; touch node_modules/dep`);
    expect(await start(runner, server)).toMatchObject({ transport: 'stdio' });
    expect(await readdir(join(own, 'node_modules'))).toEqual(['dep', 'probe']);
    expect(await start(runner, server)).toMatchObject({ transport: 'stdio' });
    expect(await runs()).toBe(2);
  });

  it('never reads settings or a list that the server itself has left in its folder', async () => {
    const left = ['.npmrc', 'npm-shrinkwrap.json'];
    await mkdir(own, { recursive: true });
    for (const name of left) await writeFile(join(own, name), '');
    await program('npm', `cd "$ROOT"; ${OF_PROBE}; ls -A > "$ROOT/there"`);
    await start(npxRunner(parts), server);
    const there = (await readFile(join(root, 'there'), 'utf8')).split('\n');
    expect(left.filter((name) => there.includes(name))).toEqual([]);
  });

  it('carries the mark by which the next hub knows it for its own', async () => {
    await program('npm', `cd "$ROOT"; ${OF_PROBE}; echo "$OMIE_MCP_HUB_SERVER" > "$ROOT/mark"`);
    await start(npxRunner(parts), server);
    expect(await readFile(join(root, 'mark'), 'utf8')).toBe(`${await markOf(parts.dataDir)}\n`);
  });

  it('that found no room says so', async () => {
    await program('npm', 'echo "npm error code ENOSPC" >&2; exit 1');
    await expect(start(npxRunner(parts), server)).rejects.toMatchObject({ code: 'disco_indisponivel' });
  });

  it('that left half of a manifest is a failure that the next start mends', async () => {
    const runner = npxRunner(parts);
    await program('npm', `cd "$ROOT"; ${OF_PROBE}; echo '{"vers' > node_modules/probe/package.json`);
    await expect(start(runner, server)).rejects.toMatchObject({ code: 'fonte_indisponivel' });
    await program('npm', `cd "$ROOT"; ${OF_PROBE}`);
    expect(await start(runner, server)).toMatchObject({ transport: 'stdio' });
  });
});

it('what a hub that was killed had asked of npm is swept up by the next one', async () => {
  await mkdir(join(root, 'data/npm-question-x/_cacache'), { recursive: true });
  await npxRunner(parts).sweep(new Set());
  expect(await readdir(join(root, 'data'))).toEqual([]);
});

it.skipIf(process.platform === 'win32')('a virtual environment that pip did not finish is made anew', async () => {
  const folder = join(root, 'local/cobra');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'requirements.txt'), 'um==1.0\n');
  await writeFile(join(folder, 'server.py'), '');
  const runner = localRunner(parts);
  const { launch } = await runner.plan(
    { source: { kind: 'folder', folder: 'cobra' }, args: [], env: {} },
    new AbortController().signal,
  );
  const server = record({ source: { kind: 'folder', folder: 'cobra' }, method: 'local', launch });
  const venv = (pip: string): Promise<void> =>
    program('python3', `mkdir -p "$3/bin"; echo '#!/bin/sh\n${pip}' > "$3/bin/python"; chmod +x "$3/bin/python"`);
  await venv(`mkdir -p "${own}/venv/half"; touch "${own}/venv/half/x"; exec sleep 60`);
  await interrupted(runner, server, 'venv/half');
  await venv(`touch "${own}/venv/whole"; env > "${root}/env"`);
  expect(await start(runner, server)).toMatchObject({ transport: 'stdio' });
  expect(await readdir(join(own, 'venv'))).toEqual(['bin', 'whole']);
  // By which the next hub ends what this one could not.
  expect(await readFile(join(root, 'env'), 'utf8')).toContain(`${MARK}=${await markOf(parts.dataDir)}\n`);
  await writeFile(join(own, 'venv/kept'), '');
  expect(await start(runner, server)).toMatchObject({ transport: 'stdio' });
  expect(await readdir(join(own, 'venv'))).toEqual(['bin', 'kept', 'whole']);
});
