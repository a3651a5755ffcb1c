import { mkdir, mkdtemp, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startHub, type TestHub } from '../../support/hub-house.ts';
import { isInstalled } from '../../support/installed-tool.ts';
import { probeServer } from '../../support/npm-registry.ts';
import { pythonServer } from '../../support/python-server.ts';

let hub: TestHub;
let root: string;
beforeAll(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'omie-mcp-hub-local-')));
  const put = async (folder: string, files: Record<string, string>): Promise<void> => {
    await mkdir(join(root, folder), { recursive: true });
    for (const [name, text] of Object.entries(files)) await writeFile(join(root, folder, name), text);
  };
  await put('servers/probe', { 'package.json': '{"name":"probe","bin":"index.cjs"}', 'index.cjs': probeServer });
  await put('servers/cobra', { 'requirements.txt': '# nothing\n', 'server.py': pythonServer('sys.prefix') });
  await put('servers/nada', { 'README.md': '' });
  await put('servers/sem-modulos', { 'package.json': '{"name":"x","bin":"i.js","dependencies":{"y":"1.0.0"}}' });
  await put('servers/foge', { 'package.json': '{"name":"x","bin":"../../outside.js"}' });
  await put('servers/indice', { 'requirements.txt': '--index-url https://evil.example/\nx==1\n', 'server.py': '' });
  await put('servers/aberta', { 'requirements.txt': 'x>=1\n', 'server.py': '' });
  await put('servers/endereco', { 'requirements.txt': 'x @ https://evil.example/x.whl\n', 'server.py': '' });
  await put('segredo', { 'package.json': '{"bin":"a.js"}', 'a.js': '' });
  await writeFile(join(root, 'outside.js'), '');
  await symlink(join(root, 'segredo'), join(root, 'servers/atalho'));
  hub = await startHub({ HUB_LOCAL_DIR: join(root, 'servers') });
});
afterAll(async () => {
  await hub.close();
  await rm(root, { recursive: true, force: true });
});

it('a folder with a Node program runs from where it lies, and nothing is written there', async () => {
  const before = await readdir(join(root, 'servers/probe'));
  const server = await hub.deploy({ folder: 'probe', args: ['um'] });
  expect(server).toMatchObject({ status: 'deployed', method: 'local', source: 'folder:probe' });
  expect(await hub.told(server.id, 'argv')).toBe('["um"]');
  expect(await hub.told(server.id, 'write', { path: join(root, 'servers/probe/x') })).toBe('refused ERR_ACCESS_DENIED');
  expect(await hub.told(server.id, 'read', { path: join(root, 'outside.js') })).toBe('refused ERR_ACCESS_DENIED');
  await hub.ask('DELETE', `/api/servers/${server.id}`);
  expect(await readdir(join(root, 'servers/probe'))).toEqual(before);
});

it('starts what a simulation showed, or nothing: a digest is of one request and one plan', async () => {
  const where = join(root, 'servers/muda');
  await mkdir(where);
  const say = (bin: string) => writeFile(join(where, 'package.json'), JSON.stringify({ name: 'muda', bin }));
  await Promise.all(['um.cjs', 'dois.cjs'].map((name) => writeFile(join(where, name), probeServer)));
  await say('um.cjs');
  const request = { folder: 'muda', env: { API_KEY: 'one' } };
  const simulate = async () => (await hub.ask('POST', '/api/deploy?dry_run=true', request)).body.digest;
  const digest = await simulate();
  expect(await simulate()).toBe(digest);

  // The source says something else by the time it is deployed.
  await say('dois.cjs');
  const moved = await hub.ask('POST', '/api/deploy', { ...request, digest });
  expect(moved).toMatchObject({
    status: 409,
    body: { code: 'conflito_de_estado', hint: expect.stringContaining('dry_run') },
  });
  // The same words, and other code behind them.
  const said = await simulate();
  await writeFile(join(where, 'dois.cjs'), `${probeServer}\n// changed`);
  expect(await hub.ask('POST', '/api/deploy', { ...request, digest: said })).toMatchObject({
    status: 409,
    body: { code: 'conflito_de_estado' },
  });
  const now = await simulate();
  const other = await hub.ask('POST', '/api/deploy', { ...request, env: { API_KEY: 'two' }, digest: now });
  expect(other).toMatchObject({ status: 409, body: { code: 'conflito_de_estado' } });
  expect((await hub.ask('POST', '/api/deploy', { ...request, digest: 'a'.repeat(64) })).status).toBe(409);
  expect((await hub.ask('POST', '/api/deploy', { ...request, digest: 'x' })).status).toBe(400);
  expect((await hub.ask('GET', '/api/servers')).body.total).toBe(0);

  const { id } = await hub.deploy({ ...request, digest: now });
  expect((await hub.ask('POST', '/api/deploy', { ...request, digest: now })).status).toBe(409);
  await hub.ask('DELETE', `/api/servers/${id}`);
  // The same plan for the same caller: it is good again.
  const again = await hub.deploy({ ...request, digest: now });
  await hub.ask('DELETE', `/api/servers/${again.id}`);
});

it('a conversation that is open is told, and has the tools of the new domain; when it is gone, not any more', async () => {
  let changes = 0;
  const client = new Client({ name: 'test', version: '1' });
  client.setNotificationHandler('notifications/tools/list_changed', () => {
    changes += 1;
  });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${hub.house.origin}/mcp`)));
  const names = async () => (await client.listTools()).tools.map(({ name }) => name);
  try {
    expect(await names()).not.toContain('ao-vivo__argv');
    const { id } = await hub.deploy({ folder: 'probe', name: 'ao vivo', args: ['x'] });
    await vi.waitFor(() => expect(changes).toBeGreaterThan(0), { timeout: 10_000 });
    // The first change may be the end of a server of before.
    await vi.waitFor(async () => expect(await names()).toContain('ao-vivo__argv'), { timeout: 10_000 });
    const { content } = await client.callTool({ name: 'ao-vivo__argv', arguments: {} });
    expect(content).toEqual([{ type: 'text', text: '["x"]' }]);
    const before = changes;
    await hub.ask('DELETE', `/api/servers/${id}`);
    await vi.waitFor(() => expect(changes).toBeGreaterThan(before), { timeout: 10_000 });
    await vi.waitFor(async () => expect(await names()).not.toContain('ao-vivo__argv'), { timeout: 10_000 });
  } finally {
    await client.close();
  }
});

it.skipIf(!isInstalled('python3', 'python3-venv'))(
  'a folder with requirements.txt gets a virtual environment of its own',
  async () => {
    const server = await hub.deploy({ folder: 'cobra' });
    expect(server.error).toBeUndefined();
    expect(await hub.told(server.id, 'where')).toBe(join(await realpath(hub.dataDir), 'servers', server.id, 'venv'));
    await hub.ask('DELETE', `/api/servers/${server.id}`);
  },
);

it.each([
  ['nao-ha', 404, /Não há esta subpasta/],
  ['atalho', 404, /Não há esta subpasta/],
  ['nada', 422, /package\.json nem requirements\.txt/],
  ['sem-modulos', 422, /não estão instaladas/],
  ['foge', 422, /não existe nela/],
  ['indice', 400, /linha 1/],
  ['aberta', 400, /linha 1/],
  ['endereco', 400, /linha 1/],
])('%s is refused before anything starts', async (folder, status, detail) => {
  const { body } = await hub.ask('POST', '/api/deploy', { folder });
  expect(body).toMatchObject({ status });
  expect(body.detail).toMatch(detail);
  expect((await hub.ask('GET', '/api/servers')).body.total).toBe(0);
});

it('without HUB_LOCAL_DIR it is off, and says what turns it on', async () => {
  const off = await startHub();
  try {
    const { body } = await off.ask('POST', '/api/deploy', { folder: 'probe' });
    expect(body).toMatchObject({ status: 422, code: 'sem_executor' });
    expect(body.detail).toContain('HUB_LOCAL_DIR');
  } finally {
    await off.close();
  }
});
