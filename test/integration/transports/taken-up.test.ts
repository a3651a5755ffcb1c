/** A session that its replica takes up again after a restart, as its client sees it. */
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CallContext, ToolOutcome } from '../../../src/tools/tool-source.ts';
import type { SessionShelf } from '../../../src/transports/session-shelf.ts';
import { type OpenEndpoints, openEndpoints } from './open-endpoints.ts';
import { call, initialize, JSON_HEADERS, post, read } from './raw-http.ts';
import { SampleCatalog, sampleTool } from './sample-catalog.ts';

/** Speaks at two levels and asks for the roots of its client. */
class TalkingCatalog extends SampleCatalog {
  override tools_ = [sampleTool('speak'), sampleTool('where')];

  override readonly tools = {
    list: () => this.tools_,
    has: (name: string) => this.tools_.some((tool) => tool.name === name),
    call: async (name: string, _args: unknown, context: CallContext): Promise<ToolOutcome> => {
      if (name === 'speak') {
        speak(context);
        return { structured: {}, isError: false };
      }
      const answer = await context.ask?.('roots/list', {});
      return { structured: { roots: JSON.parse(JSON.stringify(answer?.['roots'] ?? null)) }, isError: false };
    },
  };

  override readonly resources = {
    list: () => [{ uri: 'sample://a', name: 'a', title: 'A', description: 'a', mimeType: 'text/plain' }],
    templates: () => [],
    watch: async (uri: string) => {
      await watching;
      if (refused.has(uri)) throw new Error('not for now');
      return () => {};
    },
    read: async (uri: string, context?: CallContext) => {
      if (context !== undefined) speak(context);
      return { contents: [{ uri, mimeType: 'text/plain', text: 'x' }] };
    },
  };
}

function speak(context: CallContext): void {
  context.log('info', 'by the way');
  context.log('error', 'look here');
}

/** Until then nothing is watched. */
let watching: Promise<void>;
let refused: Set<string>;
let kept: Map<string, string>;
let catalog: TalkingCatalog;
let open: OpenEndpoints;

async function start(): Promise<void> {
  const shelf: SessionShelf = {
    keep: ({ sessionId }, record) => kept.set(sessionId, record),
    find: async ({ sessionId }) => {
      const record = kept.get(sessionId);
      return record === undefined ? undefined : { record, restore: () => {} };
    },
    forget: ({ sessionId }) => kept.delete(sessionId),
  };
  catalog = new TalkingCatalog();
  open = await openEndpoints({ catalog, replica: 'hub-a', shelf });
}

async function restart(): Promise<void> {
  await open.close();
  await start();
}

function holdWatching(): () => void {
  let release = (): void => {};
  watching = new Promise((resolve) => {
    release = resolve;
  });
  return release;
}

beforeEach(async () => {
  kept = new Map();
  watching = Promise.resolve();
  refused = new Set();
  await start();
});
afterEach(() => open.close());

async function begin(capabilities: object = {}): Promise<Record<string, string>> {
  const params = { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'raw', version: '1' } };
  const { headers } = await post(open.url, { ...initialize(), params });
  return { 'mcp-session-id': headers.get('mcp-session-id') ?? '' };
}

test('hears what it wanted to hear, of calls and of resources, and goes on doing so', async () => {
  const session = await begin();
  const ask = (id: number, method: string, params: object) =>
    post(open.url, { jsonrpc: '2.0', id, method, params }, session);
  const heard = async (): Promise<string[]> => {
    const answers = [
      await ask(1, 'tools/call', { name: 'speak' }),
      await ask(2, 'resources/read', { uri: 'sample://a' }),
    ];
    return answers.map(({ text }) => `${text.match(/"data":"([^"]*)"/g)}`);
  };
  const all = '"data":"by the way","data":"look here"';
  const errors = '"data":"look here"';
  expect(await heard()).toEqual([all, all]);
  await restart();
  expect(await heard()).toEqual([all, all]);
  await ask(3, 'logging/setLevel', { level: 'error' });
  expect(await heard()).toEqual([errors, errors]);
  for (let times = 0; times < 2; times += 1) {
    await restart();
    expect(await heard()).toEqual([errors, errors]);
  }
  await ask(4, 'logging/setLevel', { level: 'debug' });
  expect(await heard()).toEqual([all, all]);
  await restart();
  expect(await heard()).toEqual([all, all]);
});

test('keeps its level when it watches something afterwards, and what it watches when it sets its level', async () => {
  const session = await begin();
  const ask = (id: number, method: string, params: object) =>
    post(open.url, { jsonrpc: '2.0', id, method, params }, session);
  const record = () => JSON.parse(kept.get(session['mcp-session-id'] ?? '') ?? '{}');
  await ask(1, 'resources/subscribe', { uri: 'sample://a' });
  await ask(2, 'logging/setLevel', { level: 'error' });
  expect(record()).toMatchObject({ watched: ['sample://a'], logLevel: 'error' });
  await restart();
  await ask(3, 'logging/setLevel', { level: 'alert' });
  await ask(4, 'resources/unsubscribe', { uri: 'sample://a' });
  await expect.poll(record).toMatchObject({ watched: [], logLevel: 'alert' });
});

test('what it gives up while it is being taken up stays given up; what is refused for now stays on record', async () => {
  const session = await begin();
  const ask = (id: number, method: string, uri: string) =>
    post(open.url, { jsonrpc: '2.0', id, method, params: { uri } }, session);
  const record = () => JSON.parse(kept.get(session['mcp-session-id'] ?? '') ?? '{}').watched;
  const uris = ['sample://a', 'sample://b', 'sample://c', 'sample://d'];
  for (const [id, uri] of uris.entries()) await ask(id, 'resources/subscribe', uri);
  expect(record()).toEqual(uris);
  await restart();
  const late = holdWatching();
  await ask(9, 'ping', '');
  // The process ends before it has them all: none of them is given up by that.
  await open.close();
  refused = new Set(uris);
  late();
  await start();
  expect(record()).toEqual(uris);
  const release = holdWatching();
  refused = new Set(['sample://c', 'sample://d']);
  await ask(5, 'resources/unsubscribe', 'sample://a');
  await ask(6, 'resources/unsubscribe', 'sample://c');
  release();
  await expect.poll(() => [...record()].sort()).toEqual(['sample://b', 'sample://d']);
});

test('is asked for its roots anew, under an id that was never used', async () => {
  const session = await begin({ roots: {} });
  const ids: string[] = [];
  for (const root of ['file:///before', 'file:///after']) {
    const response = await fetch(`${open.url}/mcp`, {
      method: 'POST',
      headers: { ...JSON_HEADERS, ...session },
      body: JSON.stringify(call(1, 'where')),
    });
    let answer: unknown;
    for await (const line of createInterface({ input: Readable.fromWeb(response.body ?? new ReadableStream()) })) {
      if (!line.startsWith('data: {')) continue;
      const message = JSON.parse(line.slice('data: '.length));
      if (message.method === 'roots/list') {
        ids.push(message.id);
        await post(open.url, { jsonrpc: '2.0', id: message.id, result: { roots: [{ uri: root }] } }, session);
      } else answer = message.result?.structuredContent ?? answer;
    }
    expect(answer).toEqual({ roots: [{ uri: root }] });
    await restart();
  }
  expect(new Set(ids).size).toBe(2);
});

test('listens again where its stream broke off: all counts as changed, and what comes then arrives', async () => {
  const session = await begin();
  const uri = 'sample://a';
  await post(open.url, { jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri } }, session);
  const listen = async (lastId?: string): Promise<{ status: number; lines: string[]; stop(): void }> => {
    const abort = new AbortController();
    const headers = { accept: 'text/event-stream', ...session, ...(lastId && { 'last-event-id': lastId }) };
    const response = await fetch(`${open.url}/mcp`, { headers, signal: abort.signal });
    const lines: string[] = [];
    const input = createInterface({ input: Readable.fromWeb(response.body ?? new ReadableStream()) });
    input.on('line', (line) => lines.push(line)).on('error', () => {});
    return { status: response.status, lines, stop: () => abort.abort() };
  };
  const told = (lines: string[]) => lines.flatMap((line) => line.match(/notifications\/\w+\/\w+/) ?? []);
  const before = await listen();
  catalog.change({ kind: 'tools' });
  await expect.poll(() => told(before.lines)).toEqual(['notifications/tools/list_changed']);
  const lastId = before.lines.findLast((line) => line.startsWith('id: '))?.slice('id: '.length) ?? '';
  await restart();
  const release = holdWatching();
  // Numbers of its own, which must not be taken for those that the client knows.
  for (const id of [1, 2, 3]) await post(open.url, call(id, 'speak'), session);
  const after = await listen(lastId);
  expect(after.status).toBe(200);
  const lists = ['tools', 'prompts', 'resources'].map((list) => `notifications/${list}/list_changed`);
  await expect.poll(() => told(after.lines)).toEqual(lists);
  // Not before it is watched again: what changed in between would be told by nobody.
  release();
  const all = [...lists, 'notifications/resources/updated'];
  await expect.poll(() => told(after.lines)).toEqual(all);
  catalog.change({ kind: 'prompts' });
  await expect.poll(() => told(after.lines)).toEqual([...all, 'notifications/prompts/list_changed']);
  after.stop();
  // An answer that is gone is another matter: its client must not wait for it.
  const answer = lastId.replace(/^\d+/, '1');
  const refused = await fetch(`${open.url}/mcp`, {
    headers: { accept: 'text/event-stream', ...session, 'last-event-id': answer },
  });
  expect((await read(refused)).status).toBe(400);
});
