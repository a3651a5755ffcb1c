import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFrameReader } from '../../../bench/load/event-frames.ts';
import { fullAccess } from '../../../src/companies/principal.ts';
import { type OpenEndpoints, openEndpoints } from './open-endpoints.ts';
import { ENVELOPE, initialize, JSON_HEADERS, modern, openSession, post } from './raw-http.ts';
import { SampleCatalog } from './sample-catalog.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

interface RpcAnswer {
  readonly id: unknown;
  readonly error?: { readonly code: number; readonly data?: { readonly id_requisicao?: string } };
}

const reported = new Set<string>();
let open: OpenEndpoints;
beforeAll(async () => {
  const onProtocolError = ({ requestId }: { requestId: string }): void => void reported.add(requestId);
  open = await openEndpoints({ catalog: new SampleCatalog(), onProtocolError });
});
afterAll(() => open.close());

/** What no handler of ours ever sees, or refuses before it is called. */
const WRONG = [
  ['a method that does not exist', 'nada/disso', {}, -32601],
  ['no name of a prompt', 'prompts/get', {}, -32602],
  ['a URI that is no text', 'resources/read', { uri: 7 }, -32602],
  ['a completion of nothing', 'completion/complete', { ref: {} }, -32602],
] as const;
const WRONG_WITH_SESSION = [
  ...WRONG,
  ['a level that does not exist', 'logging/setLevel', { level: 'alto' }, -32602],
  ['a subscription to nothing', 'resources/subscribe', {}, -32602],
] as const;

function expectNamed({ error }: RpcAnswer, code: number): void {
  expect(error?.code).toBe(code);
  expect(error?.data?.id_requisicao).toMatch(UUID);
  expect(reported).toContain(error?.data?.id_requisicao);
}

it('a line keeps the digits of numbers that no double holds', async () => {
  const call =
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"v":9007199254740993}}}';
  expect(JSON.stringify(await overStdio(call))).toContain('9007199254740993');
});

/** The only answer to one message on a line of its own; `raw` as it goes over the line. */
async function overStdio(raw: string | Buffer): Promise<RpcAnswer> {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  const closed = new Promise<void>((onClose) => {
    open.endpoints.stdio.serve(fullAccess('stdio'), { stdin, stdout, onClose });
  });
  stdin.write(raw);
  stdin.end('\n');
  await closed;
  return JSON.parse(String(stdout.read()));
}

async function overSse(message: object): Promise<RpcAnswer> {
  const abort = new AbortController();
  const stream = await fetch(`${open.url}/sse`, { signal: abort.signal });
  const frames: string[] = [];
  const read = createFrameReader((_event, data) => frames.push(data));
  const reader = stream.body?.getReader();
  const decoder = new TextDecoder();
  const next = async (count: number): Promise<string> => {
    while (frames.length < count) {
      const { value, done } = (await reader?.read()) ?? { done: true, value: undefined };
      if (done) throw new Error('the stream ended');
      read(decoder.decode(value, { stream: true }));
    }
    return frames[count - 1] ?? '';
  };
  const path = await next(1);
  await fetch(open.url + path, { method: 'POST', headers: JSON_HEADERS, body: JSON.stringify(message) });
  const answer = JSON.parse(await next(2));
  abort.abort();
  return answer;
}

describe('an error of the protocol has an id that stands in the log', () => {
  it.each(WRONG_WITH_SESSION)('%s', async (_what, method, params, code) => {
    const message = { jsonrpc: '2.0', id: 1, method, params };
    expectNamed(await overStdio(JSON.stringify(message)), code);
    expectNamed(await overSse(message), code);
    const session = await openSession(open.url);
    expectNamed((await post(open.url, message, session)).json, code);
  });

  it.each([...WRONG, ['a filter that is none', 'subscriptions/listen', {}, -32602] as const])(
    '%s in 2026-07-28',
    async (_what, method, params, code) => {
      const request = modern(method, params, 'uri' in params ? String(params.uri) : undefined);
      expectNamed(await overStdio(JSON.stringify(request.body)), code);
    },
  );

  it('a method that does not exist in 2026-07-28 over HTTP: the same id in the header', async () => {
    const { body, headers } = modern('nada/disso');
    const answer = await post(open.url, body, headers);
    expectNamed(answer.json, -32601);
    expect(answer.headers.get('x-request-id')).toBe(answer.json.error.data.id_requisicao);
  });

  it.each([
    ['no JSON', '{', -32700],
    ['no message', '[]', -32600],
    ['a key twice', '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', -32600],
    ['no jsonrpc', '{"id":1,"method":"ping"}', -32600],
    ['a line too long', `"${'x'.repeat(5_000_000)}"`, -32600],
    ['a handshake of another shape', JSON.stringify({ ...initialize(), params: {} }), -32602],
    [
      'a revision from nowhere',
      JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/list',
        params: { _meta: { ...ENVELOPE, 'io.modelcontextprotocol/protocolVersion': '1999-01-01' } },
      }),
      -32022,
    ],
    [
      'what is no UTF-8',
      Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping","params":{"a":"São"}}', 'latin1'),
      -32700,
    ],
  ])('%s on a line', async (_what, line, code) => expectNamed(await overStdio(line), code));
});
