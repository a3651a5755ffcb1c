import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer as createNetServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../../src/errors.ts';
import type { HttpTarget } from '../../../src/gateway/links/http-headers.ts';
import { openHttpLink } from '../../../src/gateway/links/http-link.ts';
import type { Link } from '../../../src/gateway/links/link.ts';
import { UpstreamAnswerError, UpstreamGoneError } from '../../../src/gateway/links/link-errors.ts';
import { startFixtureServer } from '../../conformance/fixture-server.ts';
import { closeAfterEach } from '../../support/close-after-each.ts';
import { startHouse } from '../../support/house.ts';
import {
  asking,
  eventually,
  freePort,
  httpParts,
  opening,
  startEverything,
  startRaw,
} from '../../support/upstreams.ts';

const open = closeAfterEach();
async function linkTo(target: string | HttpTarget, more = {}): Promise<Link> {
  const link = await openHttpLink(
    typeof target === 'string' ? { url: target, headers: {} } : target,
    opening(more),
    httpParts,
  );
  open.push(() => link.close());
  return link;
}
const call = (link: Link, name: string, args: object, more = {}): Promise<string> =>
  link.request('tools/call', { name, arguments: args }, asking(more));

describe('server-everything over Streamable HTTP', () => {
  it('has a session, lists, answers three hundred calls at once, brings progress, asks its user', async () => {
    const upstream = await startEverything('streamableHttp');
    open.push(upstream.stop);
    const link = await linkTo(upstream.url, { clientCapabilities: { elicitation: {} } });
    expect(link.info).toMatchObject({ era: 'legacy', protocolVersion: '2025-11-25', stateful: true });
    const answers = await Promise.all(
      Array.from({ length: 300 }, (_, n) =>
        call(link, 'echo', { message: `<${n}>` }, { timeoutMs: 60_000, readOnly: true }),
      ),
    );
    for (const [n, answer] of answers.entries()) expect(answer).toContain(`Echo: <${n}>`);
    const tokens: unknown[] = [];
    await link.request(
      'tools/call',
      {
        name: 'trigger-long-running-operation',
        arguments: { duration: 0.2, steps: 2 },
        _meta: { progressToken: 'p-9' },
      },
      asking({ onNotification: (_method, params) => tokens.push(params['progressToken']) }),
    );
    expect(tokens).toEqual(['p-9', 'p-9']);
    const asked: string[] = [];
    const onRequest = async (method: string) => {
      asked.push(method);
      return { action: 'decline' };
    };
    expect(await call(link, 'trigger-elicitation-request', {}, { onRequest })).toMatch(/declin/i);
    expect(asked).toEqual(['elicitation/create']);
  }, 90_000);

  it('hears what the server says outside any request', async () => {
    const upstream = await startEverything('streamableHttp');
    open.push(upstream.stop);
    const link = await linkTo(upstream.url);
    const heard: string[] = [];
    link.onNotification((method) => heard.push(method));
    await wait(200);
    await call(link, 'toggle-simulated-logging', {});
    await eventually(() => heard.includes('notifications/message'), 10_000);
  }, 30_000);

  it('tells a restarted server from a dead one: the session is over, nothing was sent', async () => {
    const port = await freePort();
    const first = await startEverything('streamableHttp', port);
    const link = await linkTo(first.url);
    await first.stop();
    await expect(call(link, 'echo', { message: 'x' })).rejects.toMatchObject({
      name: 'UpstreamGoneError',
      sent: false,
    });
    const second = await startEverything('streamableHttp', port);
    open.push(second.stop);
    await expect(call(link, 'echo', { message: 'x' })).rejects.toMatchObject({
      name: 'UpstreamGoneError',
      sent: false,
    });
    expect((await link.closed)?.message).toContain('sessão');
    const again = await linkTo(second.url);
    expect(await call(again, 'echo', { message: 'x' })).toContain('Echo: x');
  });
});

describe('our own product', () => {
  it('is spoken with in 2026-07-28, without a session, with its own bearer', async () => {
    const house = await startHouse({ variables: { MCP_AUTH_TOKEN: 'test-token-of-forty-characters-exactly-ok' } });
    open.push(() => house.close());
    const url = `${house.origin}/mcp`;
    const link = await linkTo({ url, headers: {}, bearer: 'test-token-of-forty-characters-exactly-ok' });
    expect(link.info).toMatchObject({ era: 'modern', protocolVersion: '2026-07-28', stateful: false });
    expect(await call(link, 'listar_empresas', {})).toContain('"resultType":"complete"');
    await expect(linkTo(url)).rejects.toMatchObject({ name: 'HttpRefusalError', status: 401 });
    const old = await linkTo(
      { url, headers: {}, bearer: 'test-token-of-forty-characters-exactly-ok' },
      { era: 'legacy' },
    );
    expect(old.info).toMatchObject({ era: 'legacy', protocolVersion: '2025-11-25', stateful: true });
    expect(await call(old, 'listar_empresas', {})).toContain('empresas');
  });

  it('the fixture server: progress, names outside ASCII, cancellation by hanging up', async () => {
    const fixture = await startFixtureServer();
    open.push(() => fixture.close());
    const link = await linkTo(fixture.url);
    const heard: unknown[] = [];
    await link.request(
      'tools/call',
      { name: 'test_tool_with_progress', arguments: {}, _meta: { progressToken: 7 } },
      asking({ onNotification: (method, params) => heard.push([method, params['progressToken']]) }),
    );
    expect(heard.length).toBeGreaterThan(1);
    expect(heard).toContainEqual(['notifications/progress', 7]);
    await expect(call(link, 'não há – 日本', {})).rejects.toBeInstanceOf(UpstreamAnswerError);
  });
});

interface Seen {
  readonly method: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: { id?: number; method?: string; params?: Record<string, unknown>; result?: unknown; error?: unknown };
}

/** A server of one era that answers as told; everything it sees is kept. */
async function startScripted(
  answer: (seen: Seen, res: ServerResponse, req: IncomingMessage) => void,
  era: 'legacy' | 'modern' = 'legacy',
) {
  const seen: Seen[] = [];
  const raw = await startRaw(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString();
    const one: Seen = { method: req.method ?? '', headers: req.headers, body: text === '' ? {} : JSON.parse(text) };
    seen.push(one);
    const { id, method } = one.body;
    const json = (value: unknown, headers = {}) =>
      res
        .writeHead(200, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify({ jsonrpc: '2.0', id, ...Object(value) }));
    if (req.method === 'GET' && req.headers['last-event-id'] === undefined) res.writeHead(405).end();
    else if (req.method === 'DELETE') res.writeHead(200).end();
    else if (method === 'server/discover' && era === 'modern') {
      json({
        result: {
          supportedVersions: ['2026-07-28'],
          capabilities: { tools: { listChanged: true } },
          resultType: 'complete',
        },
      });
    } else if (method === 'server/discover') json({ error: { code: -32601, message: 'no' } });
    else if (method === 'initialize') {
      const result = { protocolVersion: '2025-06-18', capabilities: {}, serverInfo: { name: 'raw', version: '1' } };
      json({ result }, { 'mcp-session-id': 'sess-1' });
    } else if (method?.startsWith('notifications/') || (method === undefined && req.method === 'POST'))
      res.writeHead(202).end();
    else answer(one, res, req);
  });
  open.push(() => raw.close());
  return { ...raw, seen };
}
const reply = (res: ServerResponse, { body }: Seen, result: unknown): void => {
  res.writeHead(200, { 'content-type': 'application/json' });
  res.end(JSON.stringify({ jsonrpc: '2.0', id: body.id, result }));
};

describe('what goes over the wire', () => {
  it('in a session: its id, the agreed revision, our credential, and DELETE at the end', async () => {
    const server = await startScripted((seen, res) => reply(res, seen, { ok: 1 }));
    const headers = { 'X-Key': 'k', 'Mcp-Session-Id': 'forged', Host: 'evil', Authorization: 'ignored' };
    const link = await linkTo({ url: server.url, headers, bearer: 'b' });
    await link.request('tools/call', { name: 'a' }, asking());
    await link.close();
    const sent = server.seen.find(({ body }) => body.method === 'tools/call');
    expect(sent?.headers).toMatchObject({
      'mcp-session-id': 'sess-1',
      'mcp-protocol-version': '2025-06-18',
      'x-key': 'k',
      authorization: 'Bearer b',
      host: new URL(server.url).host,
    });
    expect(server.seen.map(({ body, method }) => body.method ?? method)).toEqual([
      'server/discover',
      'initialize',
      'notifications/initialized',
      'GET',
      'tools/call',
      'DELETE',
    ]);
  });

  it('in 2026-07-28: an envelope and headers that repeat it, nothing of a session', async () => {
    const server = await startScripted((seen, res) => reply(res, seen, { resultType: 'complete' }), 'modern');
    const link = await linkTo(server.url, { clientCapabilities: { elicitation: {} } });
    await link
      .request(
        'tools/call',
        { name: 'ação', _meta: { 'io.modelcontextprotocol/protocolVersion': 'forged', x: 1 } },
        asking({ headers: { 'Mcp-Param-Região': 'x' } }),
      )
      .catch(() => {});
    await link.request(
      'tools/call',
      { name: 'ação', _meta: { 'io.modelcontextprotocol/protocolVersion': 'forged', x: 1 } },
      asking({ headers: { 'Mcp-Param-Region': 'São Paulo' } }),
    );
    const sent = server.seen.findLast(({ body }) => body.method === 'tools/call');
    expect(sent?.headers).toMatchObject({
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': `=?base64?${Buffer.from('ação').toString('base64')}?=`,
      'mcp-param-region': `=?base64?${Buffer.from('São Paulo').toString('base64')}?=`,
    });
    expect(sent?.headers['mcp-session-id']).toBeUndefined();
    expect(sent?.body.params?.['_meta']).toEqual({
      'io.modelcontextprotocol/protocolVersion': '2026-07-28',
      'io.modelcontextprotocol/clientInfo': { name: 'test', version: '0' },
      'io.modelcontextprotocol/clientCapabilities': { elicitation: {} },
      x: 1,
    });
  });
});

describe('changes in 2026-07-28', () => {
  it('come over subscriptions/listen, are made good for after a break, and widen with a subscription', async () => {
    let streams = 0;
    const filters: unknown[] = [];
    const streamsOpen: ServerResponse[] = [];
    const server = await startScripted((seen, res) => {
      if (seen.body.method !== 'subscriptions/listen') return reply(res, seen, {});
      streams += 1;
      filters.push(seen.body.params?.['notifications']);
      streamsOpen.push(res);
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      const say = (method: string) => res.write(`data: ${JSON.stringify({ jsonrpc: '2.0', method, params: {} })}\n\n`);
      say('notifications/subscriptions/acknowledged');
      if (streams === 1) say('notifications/tools/list_changed');
    }, 'modern');
    const link = await linkTo(server.url);
    const heard: string[] = [];
    link.onNotification((method) => heard.push(method));
    await eventually(() => heard.length === 1);
    streamsOpen[0]?.destroy();
    await eventually(() => heard.length === 2);
    expect(heard).toEqual(['notifications/tools/list_changed', 'notifications/tools/list_changed']);
    expect(await link.request('resources/subscribe', { uri: 'a://b' }, asking())).toBe('{}');
    await eventually(() => streams === 3);
    expect(filters).toEqual([
      { toolsListChanged: true },
      { toolsListChanged: true },
      { toolsListChanged: true, resourceSubscriptions: ['a://b'] },
    ]);
    await link.close();
    await wait(100);
    expect(streams).toBe(3);
  });
});

describe('a server that misbehaves', () => {
  const gone = (sent: boolean) => ({ name: 'UpstreamGoneError', sent });
  const plain = (res: ServerResponse, status: number, headers = {}, body = '') =>
    res.writeHead(status, headers).end(body);
  const rpcError = (code: number, message: string, id: number | null = null) =>
    JSON.stringify({ jsonrpc: '2.0', id, error: { code, message } });

  const result = (id: unknown): string => JSON.stringify({ jsonrpc: '2.0', id, result: { text: 'São' } });
  const unanswered = { name: 'UnansweredError', sent: true };

  it.each<[string, (seen: Seen, res: ServerResponse, req: IncomingMessage) => void, object]>([
    ['resets before headers', (_s, _r, req) => req.socket.resetAndDestroy(), unanswered],
    ['closes before headers', (_s, _r, req) => req.socket.destroy(), unanswered],
    [
      'resets in the middle',
      (_s, res, req) => {
        res.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' });
        res.write('{"json');
        setTimeout(() => req.socket.resetAndDestroy(), 20);
      },
      gone(true),
    ],
    [
      'ends a stream without an answer',
      (_s, res) => plain(res, 200, { 'content-type': 'text/event-stream' }, 'data: {}\n\n'),
      gone(true),
    ],
    ['answers HTML', (_s, res) => plain(res, 200, { 'content-type': 'text/html' }, '<html>'), gone(true)],
    [
      'answers garbage',
      (_s, res) => plain(res, 200, { 'content-type': 'application/json' }, '{"jsonrpc":"2.0","id":1,"resu'),
      gone(true),
    ],
    ['answers under another id', (s, res) => reply(res, { ...s, body: { ...s.body, id: 999 } }, {}), gone(true)],
    ['answers 202', (_s, res) => plain(res, 202), gone(true)],
    ['redirects', (_s, res) => plain(res, 307, { location: 'http://127.0.0.1:1/' }), gone(true)],
    ['answers 500', (_s, res) => plain(res, 500), gone(true)],
    ['answers 503', (_s, res) => plain(res, 503, { 'retry-after': '7' }), { ...gone(true), retryAfterMs: 7_000 }],
    ...[502, 503, 504].map((status): [string, (seen: Seen, res: ServerResponse) => void, object] => [
      `answers ${status} in words of JSON-RPC, which a proxy can say as well`,
      ({ body: { id } }, res) =>
        plain(res, status, { 'retry-after': '7' }, rpcError(-32000, 'Service unavailable', id)),
      { ...gone(true), retryAfterMs: 7_000 },
    ]),
    [
      'answers 500 in words of JSON-RPC: its own error',
      ({ body: { id } }, res) => plain(res, 500, {}, rpcError(-32603, 'no such day', id)),
      { name: 'UpstreamAnswerError', code: -32603, status: 500 },
    ],
    [
      'answers 429',
      (_s, res) => plain(res, 429, { 'retry-after': '2' }),
      { ...gone(false), name: 'UpstreamBusyError', retryAfterMs: 2_000 },
    ],
    ['answers 404: the session is over', (_s, res) => plain(res, 404), gone(false)],
    ['answers 403', (_s, res) => plain(res, 403), { name: 'HttpRefusalError', status: 403 }],
    [
      'packs its answer unasked',
      (_s, res) => plain(res, 200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }, 'x'),
      gone(true),
    ],
    ['answers 20 MB', (s, res) => reply(res, s, { text: 'x'.repeat(20_000_000) }), { name: 'OversizedAnswerError' }],
    [
      'answers what is no UTF-8',
      ({ body: { id } }, res) =>
        res.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from(result(id), 'latin1')),
      { name: 'MalformedAnswerError' },
    ],
    [
      'streams what is no UTF-8',
      ({ body: { id } }, res) =>
        res
          .writeHead(200, { 'content-type': 'text/event-stream' })
          .end(Buffer.from(`data: ${result(id)}\n\n`, 'latin1')),
      { name: 'MalformedAnswerError' },
    ],
    [
      'streams 20 MB in one event',
      (_s, res) => {
        res.writeHead(200, { 'content-type': 'text/event-stream' });
        res.end(`data: ${'x'.repeat(20_000_000)}`);
      },
      { name: 'OversizedAnswerError' },
    ],
  ])('%s', async (_name, answer, expected) => {
    const server = await startScripted(answer);
    const link = await linkTo(server.url);
    const failed = await link.request('tools/call', { name: 'a' }, asking()).catch((error: unknown) => error);
    expect(failed).toMatchObject(expected);
  });

  it('10 MB pass whole', async () => {
    const server = await startScripted((seen, res) => reply(res, seen, { text: 'x'.repeat(10_000_000) }));
    const link = await linkTo(server.url);
    expect(await link.request('x', {}, asking())).toHaveLength(10_000_011);
  });

  it('hangs: timeout, cancellation told, and its connections are freed', async () => {
    let hanging = 0;
    const server = await startScripted((_seen, _res, req) => {
      hanging += 1;
      req.socket.once('close', () => {
        hanging -= 1;
      });
    });
    const link = await linkTo(server.url);
    await expect(link.request('x', {}, asking({ timeoutMs: 100 }))).rejects.toMatchObject({
      name: 'UpstreamTimeoutError',
      sent: true,
    });
    const caller = new AbortController();
    const cancelled = link.request('x', {}, asking({ signal: caller.signal }));
    await eventually(() => hanging === 1);
    caller.abort();
    await expect(cancelled).rejects.toBeInstanceOf(CancelledError);
    await eventually(() => hanging === 0);
    const told = () => server.seen.filter(({ body }) => body.method === 'notifications/cancelled');
    await eventually(() => told().length === 2);
    const asked = server.seen.filter(({ body }) => body.method === 'x').map(({ body }) => body.id);
    expect(told().map(({ body }) => body.params?.['requestId'])).toEqual(asked);
    await expect(link.request('x', {}, asking({ signal: AbortSignal.abort() }))).rejects.toBeInstanceOf(CancelledError);
  });

  it('lets its user be asked on the stream of the request, and only there', async () => {
    const server = await startScripted((seen, res) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      const say = (message: object) => res.write(`data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`);
      say({ id: 'q', method: 'elicitation/create', params: { message: '?' } });
      say({ id: 'p', method: 'ping' });
      setTimeout(() => {
        say({ id: seen.body.id, result: {} });
        res.end();
      }, 100);
    });
    const link = await linkTo(server.url);
    const ask = (who: string) => link.request('x', {}, asking({ onRequest: async () => ({ who }) }));
    await Promise.all([ask('ana'), ask('rui'), link.request('x', {}, asking())]);
    const given = () =>
      server.seen.map(({ body }) => body).filter(({ method, id }) => method === undefined && id !== undefined);
    // Our answers go their own way: the upstream gave its results without waiting for them.
    await eventually(() => given().length === 6);
    const answers = given();
    expect(answers.filter(({ result }) => JSON.stringify(result) === '{"who":"ana"}')).toHaveLength(1);
    expect(answers.filter(({ result }) => JSON.stringify(result) === '{"who":"rui"}')).toHaveLength(1);
    expect(answers.filter(({ error }) => error !== undefined)).toHaveLength(1);
    expect(answers.filter(({ result }) => JSON.stringify(result) === '{}')).toHaveLength(3);
  });

  it('breaks off a stream that can be taken up again: the answer still comes', async () => {
    const server = await startScripted((seen, res, req) => {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      const id = server.seen.find(({ body }) => body.method === 'x')?.body.id;
      if (seen.method === 'GET')
        res.end(`id: 2\ndata: ${JSON.stringify({ jsonrpc: '2.0', id, result: { late: 1 } })}\n\n`);
      else {
        res.write('id: 1\nretry: 30\ndata: \n\n');
        setTimeout(() => req.socket.destroy(), 20);
      }
    });
    const link = await linkTo(server.url);
    expect(await link.request('x', {}, asking())).toBe('{"late":1}');
    expect(
      server.seen.filter(({ method, headers }) => method === 'GET' && headers['last-event-id'] === '1'),
    ).toHaveLength(1);
  });

  it.each<[string, number, Record<string, string>, string]>([
    ['400 for an unknown session', 400, {}, rpcError(-32000, 'Bad Request: no valid session ID')],
    ['401', 401, {}, ''],
    ['404', 404, {}, ''],
    ['405', 405, {}, rpcError(-32000, 'Method not allowed.')],
    ['405 at great length', 405, {}, 'x'.repeat(17_000_000)],
    ['429', 429, { 'retry-after': '0' }, ''],
    ['503', 503, {}, rpcError(-32603, 'later')],
  ])('breaks off a stream and refuses its rest with %s: the call was sent, and is sent once', async (...refusal) => {
    const [, status, headers, body] = refusal;
    let effects = 0;
    const server = await startScripted((seen, res, req) => {
      if (seen.method === 'GET') return plain(res, status, headers, body);
      effects += 1;
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write('id: 1\nretry: 1\ndata: \n\n', () => req.socket.destroy());
    });
    const link = await linkTo(server.url);
    await expect(call(link, 'pay', {})).rejects.toMatchObject(gone(true));
    expect(server.seen.filter((one) => one.headers['last-event-id'] === '1')).toHaveLength(1);
    expect(effects).toBe(1);
  });

  it('is not there: nothing was sent, and opening says so', async () => {
    const url = `http://127.0.0.1:${await freePort()}/mcp`;
    await expect(linkTo(url)).rejects.toMatchObject({ name: 'UpstreamGoneError', sent: false });
    await expect(linkTo('http://nicht-da.invalid/mcp')).rejects.toMatchObject({
      name: 'UpstreamGoneError',
      sent: false,
    });
  });

  it('accepts connections and says nothing: opening ends in time', async () => {
    const server = createNetServer((socket) => socket.on('error', () => {}).resume()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    open.push(() => new Promise((resolve) => server.close(resolve)));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const from = performance.now();
    await expect(linkTo(`http://127.0.0.1:${port}/mcp`, { connectTimeoutMs: 300 })).rejects.toMatchObject({
      name: 'UpstreamTimeoutError',
    });
    expect(performance.now() - from).toBeLessThan(10_000);
  });

  it('speaks neither TLS nor HTTP where it should: nothing was sent', async () => {
    const server = await startScripted((seen, res) => reply(res, seen, {}));
    await expect(linkTo(server.url.replace('http:', 'https:'))).rejects.toMatchObject(gone(false));
    expect(server.seen).toEqual([]);
  });

  it('leaves the caller no listener and no timer', async () => {
    const server = await startScripted((seen, res) => reply(res, seen, {}));
    const link = await linkTo(server.url);
    const caller = new AbortController();
    let listeners = 0;
    const { signal } = caller;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      listeners += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...args);
    };
    for (let n = 0; n < 50; n += 1) await link.request('x', {}, asking({ signal }));
    expect(listeners).toBe(0);
    await link.close();
    await expect(link.request('x', {}, asking())).rejects.toBeInstanceOf(UpstreamGoneError);
  });
});
