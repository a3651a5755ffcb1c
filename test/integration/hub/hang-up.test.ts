// Whoever hangs up while a model works ends the work: the model's, and the tools'.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Model } from '../../../src/hub/orchestration/model.ts';
import { adminToken, startHub, type TestHub } from '../../support/hub-house.ts';

/** One tool that reads and one that writes; neither answers, and both say when they are called and called off. */
const SILENT = `
const say = (m) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...m }) + '\\n');
const tool = (name, readOnlyHint) => ({ name, inputSchema: { type: 'object' }, annotations: { readOnlyHint } });
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params } = JSON.parse(line);
  if (method === 'notifications/cancelled') process.stderr.write('called off\\n');
  else if (method === 'tools/call') process.stderr.write('called ' + params.name + '\\n');
  else if (method === 'tools/list') say({ id, result: { tools: [tool('ler', true), tool('gravar', false)] } });
  else if (method === 'initialize') say({ id, result: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } } });
  else if (id !== undefined) say({ id, error: { code: -32601, message: 'no' } });
});`;

const slow = { timeout: 30_000, interval: 50 };
let root: string;
let hub: TestHub;
let id: string;
/** What the model does with its next turn. */
let next: Model['next'];
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-hang-up-'));
  await mkdir(join(root, 'servers/calado'), { recursive: true });
  await writeFile(join(root, 'servers/calado/package.json'), '{"name":"calado","bin":"index.cjs"}');
  await writeFile(join(root, 'servers/calado/index.cjs'), SILENT);
  const model: Model = { name: 'm', next: (...args) => next(...args) };
  const hubModel = async (): Promise<Model> => model;
  hub = await startHub({ HUB_LOCAL_DIR: join(root, 'servers') }, join(root, 'data'), { hubModel });
  ({ id } = await hub.deploy({ folder: 'calado' }));
});
afterAll(async () => {
  await hub?.stop();
  await rm(root, { recursive: true, force: true });
});

const printed = async (): Promise<string> => (await hub.ask('GET', `/api/servers/${id}/logs`)).body.lines.join('\n');
const calling =
  (tool: string): Model['next'] =>
  async () => ({
    text: '',
    requests: [{ id: '1', name: `calado__${tool}`, args: {} }],
    tokens: { input: 1, output: 1 },
  });

/** Asks, waits for the condition, and hangs up. */
async function hangUp(body: object, accept: string, when: () => unknown): Promise<void> {
  const leaving = new AbortController();
  const asked = fetch(`${hub.house.origin}/api/orchestrate`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminToken}`, accept },
    body: JSON.stringify(body),
    signal: leaving.signal,
  }).then((response) => response.text());
  const over = expect(asked).rejects.toThrow();
  await vi.waitFor(when, slow);
  leaving.abort();
  await over;
}

it.each(['application/json', 'text/event-stream'])('%s: the question to the model is called off', async (accept) => {
  let asked: AbortSignal | undefined;
  next = (_conversation, signal) => {
    asked = signal;
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
  };
  await hangUp({ server_id: id, prompt: 'x' }, accept, () => expect(asked?.aborted).toBe(false));
  await vi.waitFor(() => expect(asked?.aborted).toBe(true), slow);
});

it.each(['application/json', 'text/event-stream'])('%s: the tool that runs is called off', async (accept) => {
  const before = await printed();
  next = calling('ler');
  await hangUp({ server_id: id, prompt: 'x' }, accept, async () =>
    expect((await printed()).slice(before.length)).toContain('called ler'),
  );
  await vi.waitFor(async () => expect((await printed()).slice(before.length)).toContain('called off'), slow);
});

it('an approved step that runs is called off, and the next one never begins', async () => {
  const before = await printed();
  const steps = [1, 2].map((n) => ({ tool: 'calado__gravar', arguments: { n } }));
  const { body } = await hub.ask('POST', '/api/orchestrate', { server_id: id, steps, mode: 'plan' });
  const approval = { server_id: id, steps, approve: true, digest: body.plan.digest };
  await hangUp(approval, 'application/json', async () =>
    expect((await printed()).slice(before.length)).toContain('called gravar'),
  );
  await vi.waitFor(async () => expect((await printed()).slice(before.length)).toContain('called off'), slow);
  // What the gateway tells the program comes in order: a second call would be in front of this one.
  const { status } = await hub.ask('POST', `/api/servers/${id}/stop`);
  expect(status).toBe(200);
  expect((await printed()).slice(before.length).match(/called gravar/g)).toHaveLength(1);
});
