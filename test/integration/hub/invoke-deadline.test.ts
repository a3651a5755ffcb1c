import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { adminToken, startHub, type TestHub } from '../../support/hub-house.ts';

/** Never answers `wait` and `look`; says which calls it was told to give up, and what it was asked. */
const SERVER = `const lines = require('node:readline').createInterface({ input: process.stdin });
const say = (m) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...m }) + '\\n');
const asked = new Map(), cancelled = [];
const tool = (name, more) => ({ name, inputSchema: { type: 'object' }, ...more });
lines.on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'notifications/cancelled') cancelled.push(asked.get(params.requestId));
  if (id === undefined) return;
  if (method === 'initialize') say({ id, result: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } } });
  else if (method === 'tools/list') say({ id, result: { tools: [tool('wait'), tool('look', { annotations: { readOnlyHint: true } }), tool('given_up')] } });
  else if (method === 'ping') say({ id, result: {} });
  else if (method !== 'tools/call') say({ id, error: { code: -32601, message: 'no' } });
  else if (params.name === 'given_up') say({ id, result: { content: [{ type: 'text', text: JSON.stringify({ pid: process.pid, asked: [...asked.values()], cancelled }) }] } });
  else asked.set(id, params.arguments.n);
});`;

const slow = { timeout: 30_000, interval: 20 };
let root: string;
let hub: TestHub;
let id: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-deadline-'));
  await mkdir(join(root, 'lento'));
  await writeFile(join(root, 'lento/package.json'), '{"name":"lento","bin":"index.cjs"}');
  await writeFile(join(root, 'lento/index.cjs'), SERVER);
  hub = await startHub({ HUB_LOCAL_DIR: root });
  ({ id } = await hub.deploy({ folder: 'lento' }));
});
afterAll(async () => {
  await hub.close();
  await rm(root, { recursive: true, force: true });
});

const ask = (tool: string, n: string, seconds: number) =>
  hub.ask('POST', '/api/invoke', { server_id: id, tool_name: tool, args: { n }, timeout_seconds: seconds });
const state = async (): Promise<{ pid: number; asked: string[]; cancelled: string[] }> =>
  JSON.parse(await hub.told(id, 'given_up'));

it('a call that is late is given up: the server is told, the answer says what is known, and the next call is answered', async () => {
  const { pid } = await state();
  const write = await ask('wait', 'escreve', 0.3);
  expect([write.status, write.body.code]).toEqual([expect.any(Number), 'resultado_desconhecido']);
  expect(write.status).toBeGreaterThanOrEqual(500);
  expect(write.body.detail).toBe('wait não respondeu em 0.3 s e foi cancelada: não se sabe se teve efeito.');
  const read = await ask('look', 'lê', 0.3);
  expect(read.body).toMatchObject({ code: 'servidor_indisponivel', hint: expect.stringContaining('timeout_seconds') });
  await vi.waitFor(async () => expect((await state()).cancelled).toEqual(['escreve', 'lê']), slow);
  // The same process, which was asked each thing once.
  expect(await state()).toEqual({ pid, asked: ['escreve', 'lê'], cancelled: ['escreve', 'lê'] });
  expect((await hub.ask('GET', `/api/servers/${id}`)).body).toMatchObject({
    status: 'deployed',
    health: { healthy: true },
  });
});

it('many late calls at once leave the server usable', async () => {
  const late = await Promise.all(Array.from({ length: 10 }, (_, n) => ask('wait', `n${n}`, 0.3)));
  expect(new Set(late.map(({ body }) => body.code))).toEqual(new Set(['resultado_desconhecido']));
  await vi.waitFor(async () => expect((await state()).cancelled.filter((n) => /^n\d$/.test(n))).toHaveLength(10), slow);
});

it('who hangs up cancels too', async () => {
  const leave = new AbortController();
  const body = JSON.stringify({ server_id: id, tool_name: 'wait', args: { n: 'desliga' } });
  const headers = { authorization: `Bearer ${adminToken}` };
  const gone = fetch(`${hub.house.origin}/api/invoke`, { method: 'POST', headers, body, signal: leave.signal });
  await vi.waitFor(async () => expect((await state()).asked).toContain('desliga'), slow);
  leave.abort();
  await expect(gone).rejects.toThrow();
  await vi.waitFor(async () => expect((await state()).cancelled).toContain('desliga'), slow);
});

it.each([0, -1, 61, '5'])('a deadline of %j is refused', async (seconds) => {
  const body = { server_id: id, tool_name: 'wait', timeout_seconds: seconds };
  expect((await hub.ask('POST', '/api/invoke', body)).body).toMatchObject({
    status: 400,
    errors: [{ field: 'timeout_seconds' }],
  });
});
