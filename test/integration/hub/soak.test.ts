// Servers that come and go leave nothing behind. `npm run soak` does it two hundred times.
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { childCount } from '../../support/gateway-house.ts';
import { startHub, type TestHub } from '../../support/hub-house.ts';
import { probeServer } from '../../support/npm-registry.ts';

const CYCLES = Number(process.env['HUB_SOAK_CYCLES'] ?? 12);
/** At once: most of a cycle is waiting for programs. */
const LANES = 4;
const linux = process.platform === 'linux';

let root: string;
let hub: TestHub;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-soak-'));
  await mkdir(join(root, 'servers/probe'), { recursive: true });
  await writeFile(join(root, 'servers/probe/package.json'), '{"name":"probe","bin":"index.cjs"}');
  await writeFile(join(root, 'servers/probe/index.cjs'), probeServer);
  hub = await startHub({ HUB_LOCAL_DIR: join(root, 'servers') }, join(root, 'data'));
});
afterAll(async () => {
  await hub?.stop();
  await rm(root, { recursive: true, force: true });
});

/** One life of a server; each kind ends it at another point. */
async function cycle(number: number): Promise<void> {
  const request = { folder: 'probe', env: { API_KEY: 'canary-value' }, domain: `p${number % LANES}` };
  const { status, body } = await hub.ask('POST', '/api/deploy', request);
  expect([status, body.status], JSON.stringify(body)).toEqual([202, 'planned']);
  const { id } = body;
  const kind = number % 4;
  // The last kind is deleted while it is being started.
  if (kind < 3) {
    await hub.until(id, 'deployed');
    await hub.told(id, 'argv');
  }
  if (kind < 2) await hub.ask('POST', `/api/servers/${id}/stop`);
  if (kind === 1) {
    await hub.ask('POST', `/api/servers/${id}/start`);
    await hub.until(id, 'deployed');
  }
  expect((await hub.ask('DELETE', `/api/servers/${id}`)).status).toBe(204);
}

async function cycles(count: number): Promise<void> {
  const lane = async (first: number): Promise<void> => {
    for (let number = first; number < count; number += LANES) await cycle(number);
  };
  await Promise.all(Array.from({ length: LANES }, (_, first) => lane(first)));
}

const listeners = (): number =>
  process.eventNames().reduce((sum, name) => sum + process.listenerCount(String(name)), 0);

async function files(): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const entry of await readdir(hub.dataDir, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    found[path] = entry.isFile() ? await readFile(path, 'utf8') : '';
  }
  return found;
}

it('servers that came and went leave no process, descriptor, listener, file or tool behind', async () => {
  // What is opened once, for the first of them, stays: files, connections of this test.
  await cycles(LANES);
  const tools = async (): Promise<unknown> => (await fetch(`${hub.house.origin}/tools`)).json();
  const before = { children: await childCount(), listeners: listeners(), files: await files(), tools: await tools() };
  const descriptors = linux ? (await readdir('/proc/self/fd')).length : 0;
  await cycles(CYCLES);
  await vi.waitFor(
    async () => {
      const now = { children: await childCount(), listeners: listeners(), files: await files(), tools: await tools() };
      expect(now).toEqual(before);
      if (linux) expect((await readdir('/proc/self/fd')).length).toBeLessThanOrEqual(descriptors);
    },
    { timeout: 20_000, interval: 250 },
  );
  expect(JSON.stringify(before.files)).not.toContain('canary-value');
  expect((await hub.ask('GET', '/api/servers')).body.total).toBe(0);
  expect((await hub.ask('GET', '/mcp/status')).body.servers).toEqual([]);
}, 600_000);
