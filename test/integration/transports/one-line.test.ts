import { PassThrough } from 'node:stream';
import { afterEach, expect, test } from 'vitest';
import { fullAccess } from '../../../src/companies/principal.ts';
import { CLIENT_CAPABILITIES_META_KEY, PROTOCOL_VERSION_META_KEY } from '../../../src/protocol/meta-keys.ts';
import { createMcpEndpoints, type McpEndpoints } from '../../../src/transports/mcp-endpoints.ts';
import { SampleCatalog } from './sample-catalog.ts';

let endpoints: McpEndpoints | undefined;
afterEach(() => endpoints?.close({ drainMs: 0 }));

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'c', version: '1' } },
};
const ask = (id: number, method: string, params: object = {}): object => ({ jsonrpc: '2.0', id, method, params });

/** What a line over stdio answers to these messages, sent at once and followed by the end of input. */
async function exchange(...messages: readonly object[]): Promise<Record<string, unknown>[]> {
  endpoints = createMcpEndpoints({ catalog: new SampleCatalog(3) });
  const stdin = new PassThrough();
  const stdout = new PassThrough();
  const closed = new Promise<void>((onClose) => {
    endpoints?.stdio.serve(fullAccess('stdio'), { stdin, stdout, onClose });
  });
  stdin.end(messages.map((message) => `${JSON.stringify(message)}\n`).join(''));
  await closed;
  const text = String(stdout.read() ?? '');
  return text
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

test('what needs the SDK is answered too when input ends right behind it, in order', async () => {
  const answers = await exchange(
    initialize,
    { jsonrpc: '2.0', method: 'notifications/initialized' },
    ask(2, 'resources/list'),
    ask(3, 'prompts/list'),
    ask(4, 'ping'),
  );
  expect(answers.map(({ id }) => id)).toEqual([1, 4, 2, 3]);
  expect(answers[0]).toMatchObject({ result: { protocolVersion: '2025-06-18' } });
  expect(answers[2]).toMatchObject({ result: { resources: expect.any(Array) } });
});

test('a request needs no handshake, and a second handshake is answered', async () => {
  const answers = await exchange(ask(5, 'resources/list'), initialize, { ...initialize, id: 6 });
  expect(answers.map(({ id }) => id).sort()).toEqual([1, 5, 6]);
  expect(answers.find(({ id }) => id === 6)).toMatchObject({
    result: { protocolVersion: '2025-06-18', capabilities: { tools: {} } },
  });
});

test.each([
  [{ ...initialize, params: { protocolVersion: 7 } }, 1, -32602],
  [{ ...ask(2, 'resources/list'), extra: true }, 2, -32600],
  [{ id: 3, method: 'resources/list' }, 3, -32600],
  [ask(4, 'nada'), 4, -32601],
  [{ jsonrpc: '2.0', id: null, method: 'ping' }, null, -32600],
])('%j is refused by code %3$s', async (message, id, code) => {
  expect(await exchange(message)).toMatchObject([{ id, error: { code } }]);
});

test('a cancelled request is not answered, though the SDK was still being loaded', async () => {
  const cancelled = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 2 } };
  const answers = await exchange(initialize, ask(2, 'resources/list'), cancelled, ask(3, 'prompts/list'));
  expect(answers.map(({ id }) => id)).toEqual([1, 3]);
});

test('an odd envelope is judged and answered before the line closes', async () => {
  const _meta = { [PROTOCOL_VERSION_META_KEY]: '2031-01-01', [CLIENT_CAPABILITIES_META_KEY]: {} };
  expect(await exchange(ask(2, 'tools/list', { _meta }))).toMatchObject([{ id: 2, error: { code: -32022 } }]);
});
