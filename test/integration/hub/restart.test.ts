import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { readHubId } from '../../../src/hub/runners/hub-id.ts';
import { endOrphans, MARK, markOf } from '../../../src/hub/runners/orphans.ts';
import { adminToken, startHub, type TestHub } from '../../support/hub-house.ts';
import { probeServer } from '../../support/npm-registry.ts';
import { isAlive } from '../../support/upstreams.ts';

let root: string;
let variables: Record<string, string>;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-restart-'));
  await mkdir(join(root, 'servers/probe'), { recursive: true });
  await writeFile(join(root, 'servers/probe/package.json'), '{"name":"probe","bin":"index.cjs"}');
  await writeFile(join(root, 'servers/probe/index.cjs'), probeServer);
  variables = { HUB_LOCAL_DIR: join(root, 'servers') };
});
afterAll(() => rm(root, { recursive: true, force: true }));

it('what ran is started again by the next hub, what was stopped stays so, and nothing runs in between', async () => {
  const dataDir = join(root, 'data');
  let hub = await startHub(variables, dataDir);
  const one = await hub.deploy({ folder: 'probe', env: { API_KEY: 'canary-value' }, args: ['um'] });
  const two = await hub.deploy({ folder: 'probe', name: 'parado' });
  expect([one.domain, two.domain]).toEqual(['probe', 'parado']);
  await hub.ask('POST', `/api/servers/${two.id}/stop`);
  const pid = Number(await hub.told(one.id, 'pid'));
  await hub.stop();
  expect(isAlive(pid)).toBe(false);

  hub = await startHub(variables, dataDir);
  try {
    const again = await hub.until(one.id, 'deployed');
    expect(again).toMatchObject({ domain: 'probe', env: ['API_KEY'], created_at: one.created_at });
    expect(await hub.told(one.id, 'argv')).toBe('["um"]');
    expect((await hub.ask('GET', `/api/servers/${two.id}`)).body.status).toBe('stopped');
    const { body } = await hub.ask('GET', '/api/servers?status=stopped');
    expect(body.servers.map(({ id }: { id: string }) => id)).toEqual([two.id]);
  } finally {
    await hub.stop();
  }
});

it('a server whose folder is gone is marked, and the others run', async () => {
  const dataDir = join(root, 'gone');
  await mkdir(join(root, 'servers/outra'), { recursive: true });
  for (const name of ['package.json', 'index.cjs']) {
    await writeFile(join(root, 'servers/outra', name), await readFile(join(root, 'servers/probe', name)));
  }
  let hub = await startHub(variables, dataDir);
  const ids = [(await hub.deploy({ folder: 'outra' })).id, (await hub.deploy({ folder: 'probe' })).id];
  await hub.stop();
  await rm(join(root, 'servers/outra'), { recursive: true });
  hub = await startHub(variables, dataDir);
  try {
    expect((await hub.until(ids[0] ?? '', 'failed')).error).toMatch(/Não há esta subpasta/);
    await hub.until(ids[1] ?? '', 'deployed');
  } finally {
    await hub.stop();
  }
});

it.skipIf(process.platform !== 'linux')(
  'what a killed hub left running is ended, what a living one runs is not',
  async () => {
    const run = (mark: string) =>
      spawn(process.execPath, ['-e', 'setInterval(()=>{},1000)'], { env: { [MARK]: mark }, stdio: 'ignore' });
    const dataDir = join(root, 'orphans');
    const own = (await readFile('/proc/self/stat', 'utf8')).replace(/^.*\) /, '').split(' ')[19];
    const [mark = '', others = ''] = await Promise.all([dataDir, `${dataDir}-2`].map(markOf));
    expect(mark).toMatch(new RegExp(`\\|${process.pid}\\|${own}$`));
    // What a program is told: nothing of the house.
    for (const part of [root, 'orphans', await readHubId(dataDir)]) expect(mark).not.toContain(part);
    const dead = (one: string): string => one.replace(/\|.*/, '|999999999|123');
    const left = run(dead(mark));
    const alive = run(mark);
    const anothers = run(dead(others));
    try {
      // The environment of a process can be read once it has begun.
      await vi.waitFor(async () => expect(await endOrphans(dataDir)).toBe(1), { timeout: 10_000 });
      await vi.waitFor(() => expect(left.signalCode).toBe('SIGKILL'), { timeout: 10_000 });
      expect(await endOrphans(join(root, 'never-used'))).toBe(0);
      expect([alive, anothers].flatMap(({ exitCode, signalCode }) => [exitCode, signalCode])).toEqual(
        Array(4).fill(null),
      );
    } finally {
      for (const child of [left, alive, anothers]) child.kill('SIGKILL');
    }
  },
);

it('a registry that cannot be read stops the start, and is not replaced', async () => {
  const dataDir = join(root, 'broken');
  await mkdir(dataDir);
  await writeFile(join(dataDir, 'servers.json'), '{"version":1,"servers":[{');
  await expect(startHub(variables, dataDir)).rejects.toThrow(/servers\.json, não pôde ser lido/);
  expect(await readFile(join(dataDir, 'servers.json'), 'utf8')).toBe('{"version":1,"servers":[{');
});

it('what an administrator does is in the audit, without a value', async () => {
  const log = join(root, 'audit.jsonl');
  const hub: TestHub = await startHub({ ...variables, AUDIT_LOG: log }, join(root, 'audited'));
  const { id } = await hub.deploy({ folder: 'probe', env: { API_KEY: 'canary-value' } });
  await hub.told(id, 'pid');
  await hub.ask('POST', '/api/deploy', { package: 'evil' });
  await hub.ask('DELETE', `/api/servers/${id}`);
  await hub.stop();
  const text = await readFile(log, 'utf8');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const told = lines
    .filter(({ method }) => method !== 'hub/servers.get')
    .map(({ principal, method, tool, outcome }) => [principal, method, tool, outcome]);
  expect(told).toEqual([
    ['hub-admin', 'hub/deploy', `${id} folder:probe`, 'ok'],
    ['hub-admin', 'tools/call', 'probe__pid', 'ok'],
    ['hub-admin', 'hub/invoke', `${id} pid`, 'ok'],
    ['hub-admin', 'hub/deploy', '-', 'pedido_recusado'],
    ['hub-admin', 'hub/servers.delete', id, 'ok'],
  ]);
  expect(text).not.toMatch(new RegExp(`canary|${adminToken}`));
  expect((await readdir(join(root, 'audited', 'servers'))).length).toBe(0);
});
