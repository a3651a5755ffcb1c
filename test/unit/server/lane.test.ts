import { InMemoryTransport, type JSONRPCMessage } from '@modelcontextprotocol/server';
import { expect, test } from 'vitest';
import { fullAccess } from '../../../src/companies/principal.ts';
import { isFields } from '../../../src/protocol/json-rpc.ts';
import { createMcpServer } from '../../../src/server/create-server.ts';
import { Lane } from '../../../src/server/lane.ts';
import { Subscriptions } from '../../../src/server/subscriptions.ts';
import { initializeResult } from '../../../src/transports/handshake.ts';
import { ModernMux } from '../../../src/transports/modern-mux.ts';
import { ProtocolErrors } from '../../../src/transports/protocol-errors.ts';
import { ENVELOPE } from '../../integration/transports/raw-http.ts';
import { SampleCatalog } from '../../integration/transports/sample-catalog.ts';

/** The sample catalog gives its failures no id, and errors without one get it on the way through the SDK. */
const withoutIds = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer, (key, value) => (key === 'id_requisicao' ? undefined : value)));
const quiet = { errors: new ProtocolErrors(() => {}), onError: () => {} };

const catalog = new SampleCatalog(3);
const principal = fullAccess('local');
/** A result that has the members we add, as a server of 2026-07-28 writes it. */
const MARKED = JSON.stringify({
  resultType: 'complete',
  content: [{ type: 'text', text: '"_meta"}' }],
  _meta: { 'x/y': 1, 'io.modelcontextprotocol/serverInfo': { name: 'other', version: '1' } },
});
const REQUESTS = [
  { method: 'tools/list', params: {} },
  { method: 'tools/call', params: { name: 'echo', arguments: { a: 'ção\n"', b: [1] } } },
  { method: 'tools/call', params: { name: 'fails' } },
  { method: 'tools/call', params: { name: 'nenhuma' } },
  { method: 'tools/call', params: { name: 'forwarded', arguments: { result: '{"content":[]}' } } },
  { method: 'tools/call', params: { name: 'forwarded', arguments: { result: MARKED } } },
];

async function byLane(message: Record<string, unknown>, era: 'legacy' | 'modern'): Promise<unknown> {
  const lane = new Lane({ catalog });
  const request = lane.read(message, { principal });
  if (request === undefined) throw new Error('not for the lane');
  const { signal } = new AbortController();
  return new Promise((resolve) => {
    const reply = { notify: () => {}, answer: (_id: unknown, text: string) => resolve(JSON.parse(text)) };
    void lane.serve(
      request,
      { principal, door: 'http' as const, era, signal, logThreshold: undefined, features: {} },
      reply,
    );
  });
}

async function byLegacyServer(message: Record<string, unknown>): Promise<unknown> {
  const [client, transport] = InMemoryTransport.createLinkedPair();
  await createMcpServer(
    { catalog },
    { caller: { principal }, door: 'stdio', subscriptions: new Subscriptions(), featuresFor: () => ({}) },
  ).connect(transport);
  await client.start();
  const answer = new Promise<JSONRPCMessage>((resolve) => {
    client.onmessage = resolve;
  });
  await client.send(message as JSONRPCMessage);
  return answer;
}

test.each(REQUESTS)('answers $method $params.name as the SDK does in the older revisions', async (request) => {
  const message = { jsonrpc: '2.0', id: 5, ...request };
  expect(await byLane(message, 'legacy')).toEqual(JSON.parse(JSON.stringify(await byLegacyServer(message))));
});

test.each(REQUESTS)('answers $method $params.name as the SDK does in 2026-07-28', async (request) => {
  const message = {
    jsonrpc: '2.0' as const,
    id: 5,
    method: request.method,
    params: { ...request.params, _meta: ENVELOPE },
  };
  const mux = new ModernMux({ catalog, ...quiet });
  const bySdk = new Promise((resolve) => {
    mux.ask(
      message,
      message.id,
      { principal, door: 'http' },
      { notify: () => {}, answer: (_id, text) => resolve(JSON.parse(text.toString())) },
    );
  });
  expect(await byLane(message, 'modern')).toEqual(withoutIds(await bySdk));
});

test('shakes hands as the SDK does', async () => {
  const params = { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'c', version: '1' } };
  const answer = await byLegacyServer({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
  expect(isFields(answer) && answer['result']).toEqual(
    JSON.parse(initializeResult(catalog, { principal }, '2025-06-18')),
  );
});

test.each([
  ['an id that is no id', { id: 1.5 }],
  ['another JSON-RPC', { jsonrpc: '1.0' }],
  ['a retry with answers', { params: { name: 'echo', inputResponses: {} } }],
  ['another method', { method: 'resources/list' }],
  ['a list with a cursor', { method: 'tools/list', params: { cursor: 'x' } }],
])('leaves %s to the SDK', (_what, change) => {
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'echo' }, ...change };
  expect(new Lane({ catalog }).read(message, { principal })).toBeUndefined();
});

test.each([
  ['a list', { name: 'echo', arguments: [] }, { name: 'echo', args: [] }],
  ['null', { name: 'echo', arguments: null }, { name: 'echo', args: [] }],
  ['a nameless call', {}, { name: '', args: {} }],
])('hands on %s as it is, for the one door to refuse', (_what, params, handed) => {
  const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params };
  expect(new Lane({ catalog }).read(message, { principal })).toMatchObject(handed);
});

class BrokenCatalog extends SampleCatalog {
  override readonly prompts = { list: broken, get: broken };
  override readonly resources = { list: broken, templates: broken, read: broken };
  override complete = broken;
}

function broken(): never {
  throw new Error('detail for the log');
}

test.each([
  { method: 'prompts/list', params: {} },
  { method: 'prompts/get', params: { name: 'p' } },
  { method: 'resources/list', params: {} },
  { method: 'resources/templates/list', params: {} },
  { method: 'resources/read', params: { uri: 'sample://a' } },
  {
    method: 'completion/complete',
    params: { ref: { type: 'ref/prompt', name: 'p' }, argument: { name: 'a', value: '' } },
  },
  { method: 'tools/call', params: { name: 'throws' } },
])('a defect behind $method is reported under the id in the answer', async ({ method, params }) => {
  const reported: { error: unknown; requestId: string }[] = [];
  const parts = {
    catalog: new BrokenCatalog(),
    onInternalError: (error: unknown, requestId: string) => void reported.push({ error, requestId }),
  };
  const message = { jsonrpc: '2.0' as const, id: 1, method, params: { ...params, _meta: ENVELOPE } };
  const answers: unknown[] = [];
  const reply = { notify: () => {}, answer: (_id: unknown, text: string) => void answers.push(JSON.parse(text)) };
  new ModernMux({ ...parts, ...quiet }).ask(message, message.id, { principal, door: 'http' }, reply);
  const lane = new Lane(parts);
  const request = lane.read(message, { principal });
  const { signal } = new AbortController();
  const caller = {
    principal,
    door: 'http' as const,
    era: 'modern' as const,
    signal,
    logThreshold: undefined,
    features: {},
  };
  if (request !== undefined) await lane.serve(request, caller, reply);
  await expect.poll(() => answers.length).toBe(request === undefined ? 1 : 2);
  const ids = reported.map(({ requestId }) => requestId).sort();
  const seen = answers.map((answer) => {
    expect(answer).toMatchObject({ error: { code: -32603, data: { codigo: 'erro_interno' } } });
    expect(JSON.stringify(answer)).not.toContain('detail');
    return /"id_requisicao":"([^"]+)"/.exec(JSON.stringify(answer))?.[1];
  });
  expect(seen.sort()).toEqual(ids);
});
