/** What the house does around the hub's routes: stopping, hosts, paths that are none. */
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { adminToken, startHub, type TestHub } from '../../support/hub-house.ts';

/** Answers `go` when the file is there. */
const SERVER = `const { existsSync, writeFileSync } = require('node:fs');
const say = (m) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...m }) + '\\n');
const text = (t) => ({ content: [{ type: 'text', text: t }] });
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  if (method === 'initialize') say({ id, result: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } } });
  else if (method === 'tools/list') say({ id, result: { tools: [{ name: 'go', inputSchema: { type: 'object' } }] } });
  else if (method === 'ping') say({ id, result: {} });
  else if (method !== 'tools/call') say({ id, error: { code: -32601, message: 'no' } });
  else {
    writeFileSync(process.env.ASKED, '');
    const wait = setInterval(() => { if (existsSync(process.env.GO)) { clearInterval(wait); say({ id, result: text('feito') }); } }, 20);
  }
});`;

let root: string;
let hub: TestHub;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-edge-'));
  await mkdir(join(root, 'lento'));
  await writeFile(join(root, 'lento/package.json'), '{"name":"lento","bin":"index.cjs"}');
  await writeFile(join(root, 'lento/index.cjs'), SERVER);
  hub = await startHub({ HUB_LOCAL_DIR: root, HUB_NODE_PERMISSIONS: 'false' });
});
afterAll(async () => {
  await hub.close();
  await rm(root, { recursive: true, force: true });
});

it('says no in the words of its other answers, whoever says it', async () => {
  const strange = await new Promise<{ status: number | undefined; type: string | undefined; text: string }>(
    (resolve) => {
      const { port } = new URL(hub.house.origin);
      get({ port, path: '/api/servers', headers: { host: 'evil.example' } }, async (res) => {
        let text = '';
        for await (const chunk of res) text += String(chunk);
        resolve({ status: res.statusCode, type: res.headers['content-type'], text });
      });
    },
  );
  expect([strange.status, strange.type]).toEqual([403, 'application/problem+json; charset=utf-8']);
  expect(JSON.parse(strange.text)).toMatchObject({
    code: 'sem_permissao',
    type: expect.stringContaining('sem_permissao'),
  });

  const bad = await hub.ask('GET', '/api/servers/%zz');
  expect([bad.status, bad.body.code]).toEqual([400, 'pedido_recusado']);
  const unknown = await hub.ask('GET', '/api/nowhere');
  expect(unknown.body).toMatchObject({
    status: 404,
    code: 'nao_encontrado',
    type: expect.stringMatching(/nao_encontrado$/),
  });
  const head = await fetch(`${hub.house.origin}/api/events`, {
    method: 'HEAD',
    headers: { authorization: `Bearer ${adminToken}` },
  });
  expect([head.status, head.headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
});

it('a stop lets a call in flight end, and tells newcomers to come back', async () => {
  const [ASKED, GO] = [join(root, 'asked'), join(root, 'go')];
  const { id } = await hub.deploy({ folder: 'lento', env: { ASKED, GO } });
  const underWay = hub.invoke(id, 'go');
  await expect.poll(() => stat(ASKED).then(Boolean, () => false), { timeout: 30_000 }).toBe(true);
  const stopped = hub.house.app.stop();
  const late = await hub.ask('GET', '/api/servers');
  expect([late.status, late.headers.get('content-type'), late.headers.get('retry-after')]).toEqual([
    503,
    'application/problem+json; charset=utf-8',
    '5',
  ]);
  await writeFile(GO, '');
  expect((await underWay).body.result.content[0].text).toBe('feito');
  await stopped;
});
