import { StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { connectV2, everyClient, MODERN, PipeTransport } from './connect-clients.ts';
import { type OpenEndpoints, openEndpoints } from './open-endpoints.ts';
import { call, ENVELOPE, initialize, openSession, post } from './raw-http.ts';
import { SampleCatalog } from './sample-catalog.ts';

let catalog: SampleCatalog;
let open: OpenEndpoints;
beforeEach(async () => {
  catalog = new SampleCatalog();
  open = await openEndpoints({ catalog });
});
afterEach(() => open.close());

test('1,000 interleaved calls of 50 clients with the same ids get their own answers', async () => {
  const clients = await Promise.all(
    Array.from({ length: 50 }, (_, at) => {
      const requestInit = { headers: { 'x-principal': `p${at}` } };
      const transport = new StreamableHTTPClientTransport(new URL(`${open.url}/mcp`), { requestInit });
      return connectV2(transport, at % 2 === 0 ? {} : MODERN);
    }),
  );
  const answers = await Promise.all(
    clients.flatMap((client, at) =>
      Array.from({ length: 20 }, async (_, n) => {
        const { structuredContent } = await client.callTool({ name: 'echo', arguments: { at, n } });
        return [structuredContent, { eco: { at, n }, quem: `p${at}` }] as const;
      }),
    ),
  );
  expect(answers).toHaveLength(1_000);
  for (const [given, expected] of answers) expect(given).toEqual(expected);
  await Promise.all(clients.map((client) => client.close()));
}, 60_000);

test('a change reaches every kind of connection', async () => {
  const heard: string[] = [];
  const clients = [];
  for (const [name, connect] of Object.entries(everyClient(open))) {
    const client = await connect();
    clients.push(client);
    if (name.includes('2026')) continue;
    (client as { fallbackNotificationHandler?: unknown }).fallbackNotificationHandler = async () => heard.push(name);
  }
  await vi.waitFor(() => expect(open.endpoints.stats().sessions).toEqual({ http: 2, sse: 2, stdio: 2 }));
  await new Promise((resolve) => setTimeout(resolve, 200));
  catalog.change({ kind: 'tools' });
  await vi.waitFor(() => expect(heard).toHaveLength(5));
  await Promise.all(clients.map((client) => client.close()));
});

test('stdio: garbage is answered, the end of input lets answers out and then closes', async () => {
  const pipe = new PipeTransport(open);
  let written = '';
  pipe.output.on('data', (chunk: Buffer) => {
    written += chunk.toString();
  });
  pipe.input.write('not json\n\n[]\n{"jsonrpc":"2.0","id":null}\n');
  pipe.input.write(`${JSON.stringify(initialize())}\n${JSON.stringify(call(7, 'steps'))}\n`);
  pipe.input.end(JSON.stringify(call(8, 'echo')));
  await vi.waitFor(() => expect(pipe.closedByServer).toBe(true));
  const messages = written
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  // The notification that precedes the answer of `steps` has no id.
  const answers = messages.filter(({ id }) => id !== undefined).map(({ id, error }) => error?.code ?? id);
  expect(new Set(answers)).toEqual(new Set([-32700, -32600, 0, 7, 8]));
});

test('stdio: a call without an answer is given up within 2 s of the end of input', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  onTestFinished(() => void vi.useRealTimers());
  const pipe = new PipeTransport(open);
  pipe.output.resume();
  pipe.input.write(`${JSON.stringify(initialize())}\n${JSON.stringify(call(7, 'slow', { n: 1 }))}\n`);
  await vi.waitFor(() => expect(open.endpoints.stats().inFlight).toBe(1));
  pipe.input.end();
  await vi.waitFor(() => expect(pipe.input.readableEnded).toBe(true));
  expect(pipe.closedByServer).toBe(false);
  await vi.advanceTimersByTimeAsync(2_000);
  expect(pipe.closedByServer).toBe(true);
  expect(catalog.aborted).toEqual([{ n: 1 }]);
});

test('2,000 malformed bodies: never a 5xx, never a stack, and a good call still works', async () => {
  const session = await openSession(open.url);
  const word = fc.constantFrom(
    '2.0',
    'tools/call',
    'tools/list',
    'initialize',
    'ping',
    'echo',
    'logging/setLevel',
    'x',
    '',
    '__proto__',
  );
  const leaf = fc.oneof(word, fc.integer(), fc.double(), fc.boolean(), fc.constant(null), fc.string());
  const key = fc.constantFrom(
    'jsonrpc',
    'id',
    'method',
    'params',
    'name',
    'arguments',
    '_meta',
    'result',
    'error',
    'cursor',
    'level',
    ...Object.keys(ENVELOPE),
  );
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('any'), { maxLength: 3 }),
      fc.dictionary(key, tie('any'), { maxKeys: 5 }),
    ),
  })).any;
  const message = fc.record(
    { jsonrpc: fc.constantFrom('2.0', '2.0', '1.0'), id: leaf, method: word, params: value },
    { requiredKeys: [] },
  );
  const body = fc.oneof(
    message.map((m) => JSON.stringify(m)),
    value.map((v) => JSON.stringify(v)),
    fc.string(),
  );
  const versions = fc.constantFrom(undefined, '2025-11-25', '2026-07-28', 'x');
  const check = async (text: string, version: string | undefined, withSession: boolean) => {
    const headers = {
      ...(withSession ? session : {}),
      ...(version === undefined ? {} : { 'mcp-protocol-version': version }),
    };
    const answer = await post(open.url, text, headers);
    expect(answer.status).toBeLessThan(500);
    expect(answer.text).not.toMatch(/\bat .*\(.*:\d+:\d+\)|node_modules|ZodError/);
    if (answer.status >= 400) expect(answer.json.error.code).toBeLessThan(0);
  };
  await fc.assert(fc.asyncProperty(body, versions, fc.boolean(), check), { numRuns: 2_000 });
  expect((await post(open.url, call(1, 'echo'), session)).json.result.isError).toBeUndefined();
}, 120_000);
