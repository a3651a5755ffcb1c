import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type OpenEndpoints, openEndpoints } from './open-endpoints.ts';
import { call, initialize, JSON_HEADERS, modern, openSession, post, read } from './raw-http.ts';
import { SampleCatalog } from './sample-catalog.ts';

let catalog: SampleCatalog;
let open: OpenEndpoints;
let now = 0;

beforeEach(async () => {
  now = 0;
  catalog = new SampleCatalog();
  open = await openEndpoints({ catalog, sessionCap: 3, idleMs: 1_000, clock: () => now, keepAliveMs: 30 });
});
afterEach(() => open.close());

describe('sessions', () => {
  test('a lone answer is one JSON body with its length', async () => {
    const session = await openSession(open.url);
    const { status, headers, json } = await post(open.url, call(1, 'echo', { a: 1 }), session);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json');
    expect(Number(headers.get('content-length'))).toBeGreaterThan(0);
    expect(json.result.structuredContent).toEqual({ eco: { a: 1 }, quem: 'local' });
  });

  test('none, an unknown one, and one of another principal are refused', async () => {
    const session = await openSession(open.url, { 'x-principal': 'ana' });
    expect((await post(open.url, call(1, 'echo'))).status).toBe(400);
    expect((await post(open.url, call(1, 'echo'), { 'mcp-session-id': 'nope' })).status).toBe(404);
    expect((await post(open.url, call(1, 'echo'), { ...session, 'x-principal': 'bia' })).status).toBe(404);
    for (const method of ['GET', 'DELETE']) {
      const headers = { accept: 'text/event-stream', ...session, 'x-principal': 'bia' };
      expect((await read(await fetch(`${open.url}/mcp`, { method, headers }))).status).toBe(404);
    }
    expect((await post(open.url, call(1, 'echo'), session)).status).toBe(200);
  });

  test('parameters of initialize are bounded however their length is declared', async () => {
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x'.repeat(70_000), version: '1' },
    };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params });
    expect((await post(open.url, body)).status).toBe(400);
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const headers = { ...JSON_HEADERS, 'transfer-encoding': 'chunked' };
      const req = request(`${open.url}/mcp`, { method: 'POST', headers }, (res) => resolve(res.resume().statusCode));
      req.on('error', reject).end(body);
    });
    expect(status).toBe(400);
    expect(open.endpoints.stats().sessions.http).toBe(0);
  });

  test('end with DELETE', async () => {
    const session = await openSession(open.url);
    expect((await fetch(`${open.url}/mcp`, { method: 'DELETE', headers: session })).status).toBe(200);
    expect((await post(open.url, call(1, 'echo'), session)).status).toBe(404);
    expect(open.endpoints.stats().sessions.http).toBe(0);
  });

  test('the oldest idle one makes room, and 503 when none is idle', async () => {
    const first = await openSession(open.url);
    now = 1;
    const others = [await openSession(open.url), await openSession(open.url)];
    now = 2;
    const fourth = await openSession(open.url);
    expect((await post(open.url, call(1, 'echo'), first)).status).toBe(404);
    const slow = [...others, fourth].map((session) => post(open.url, call(1, 'slow'), session));
    await vi.waitFor(() => expect(open.endpoints.stats().inFlight).toBe(3));
    const refused = await post(open.url, initialize());
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '30']);
    for (const session of [...others, fourth]) {
      await post(open.url, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } }, session);
    }
    expect((await Promise.all(slow)).map(({ text }) => text)).not.toContain('result');
  });

  test('an idle one is dropped after its time, a used one is not', async () => {
    const idle = await openSession(open.url);
    const used = await openSession(open.url);
    now = 900;
    await post(open.url, call(1, 'echo'), used);
    now = 1_100;
    await vi.waitFor(() => expect(open.endpoints.stats().sessions.http).toBe(1), 3_000);
    expect((await post(open.url, call(1, 'echo'), idle)).status).toBe(404);
    expect((await post(open.url, call(1, 'echo'), used)).status).toBe(200);
  });

  test('an id in progress cannot be used again', async () => {
    const session = await openSession(open.url);
    const slow = post(open.url, call('x', 'slow'), session);
    await vi.waitFor(() => expect(open.endpoints.stats().inFlight).toBe(1));
    const twice = await post(open.url, call('x', 'echo'), session);
    expect(twice.json.error.code).toBe(-32600);
    await post(open.url, { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 'x' } }, session);
    expect((await slow).text).not.toContain('result');
    expect((await post(open.url, call('x', 'echo'), session)).json.result).toBeDefined();
  });

  test('a client that hangs up before an answer has its call aborted', async () => {
    const session = await openSession(open.url);
    const abort = new AbortController();
    const body = JSON.stringify(call(1, 'slow', { n: 1 }));
    const hung = fetch(`${open.url}/mcp`, {
      method: 'POST',
      headers: { ...JSON_HEADERS, ...session },
      body,
      signal: abort.signal,
    });
    await vi.waitFor(() => expect(open.endpoints.stats().inFlight).toBe(1));
    abort.abort();
    await expect(hung).rejects.toThrow();
    await vi.waitFor(() => expect(catalog.aborted).toEqual([{ n: 1 }]));
    expect(open.endpoints.stats().inFlight).toBe(0);
  });

  test('batches belong to 2025-03-26 only', async () => {
    const old = await openSession(open.url, {}, '2025-03-26');
    const batch = JSON.stringify([
      call(1, 'echo'),
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      call(2, 'fails'),
    ]);
    const { json } = await post(open.url, batch, old);
    expect(json.map(({ id }: { id: number }) => id).sort()).toEqual([1, 2]);
    const tooMany = JSON.stringify(Array.from({ length: 101 }, (_, id) => call(id, 'echo')));
    expect((await post(open.url, tooMany, old)).status).toBe(400);
    expect((await post(open.url, batch, await openSession(open.url))).json.error.code).toBe(-32600);
  });

  test('what precedes an answer makes it a stream that can be resumed', async () => {
    const session = await openSession(open.url);
    const params = { name: 'steps', _meta: { progressToken: 't' } };
    const { headers, text } = await post(open.url, { jsonrpc: '2.0', id: 9, method: 'tools/call', params }, session);
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(headers.get('x-accel-buffering')).toBe('no');
    const ids = [...text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id ?? '');
    expect(text.match(/notifications\/progress/g)).toHaveLength(3);
    const resumed = await fetch(`${open.url}/mcp`, {
      headers: { accept: 'text/event-stream', ...session, 'last-event-id': ids[1] ?? '' },
    }).then(read);
    expect([...resumed.text.matchAll(/^id: (.*)$/gm)].map(([, id]) => id)).toEqual(ids.slice(2));
    expect(resumed.text).toContain('"passos":3');
    const unknown = { accept: 'text/event-stream', ...session, 'last-event-id': '7-99' };
    expect((await fetch(`${open.url}/mcp`, { headers: unknown })).status).toBe(400);
  });

  test('a change reaches one of the open streams, kept alive meanwhile', async () => {
    const session = await openSession(open.url);
    const abort = new AbortController();
    const heard = ['', ''];
    for (const at of [0, 1]) {
      const headers = { accept: 'text/event-stream', ...session };
      const response = await fetch(`${open.url}/mcp`, { headers, signal: abort.signal });
      (async () => {
        for await (const chunk of response.body ?? []) heard[at] += new TextDecoder().decode(chunk);
      })().catch(() => {});
    }
    await vi.waitFor(() => expect(heard.every((text) => text.includes(': keepalive'))).toBe(true));
    catalog.change({ kind: 'tools' });
    await vi.waitFor(() => expect(heard.join('').match(/tools\/list_changed/g)).toHaveLength(1));
    await post(
      open.url,
      { jsonrpc: '2.0', id: 1, method: 'resources/subscribe', params: { uri: 'sample://a' } },
      session,
    );
    catalog.change({ kind: 'resource', uri: 'sample://b' });
    catalog.change({ kind: 'resource', uri: 'sample://a' });
    await vi.waitFor(() => expect(heard.join('')).toContain('"uri":"sample://a"'));
    expect(heard.join('')).not.toContain('sample://b');
    abort.abort();
  });
});

describe('2026-07-28', () => {
  test('headers and body must agree', async () => {
    const { body, headers } = modern('tools/call', { name: 'echo' }, 'echo');
    expect((await post(open.url, body, headers)).json.result.resultType).toBe('complete');
    const encoded = `=?base64?${Buffer.from('echo').toString('base64')}?=`;
    expect((await post(open.url, body, { ...headers, 'mcp-name': encoded })).status).toBe(200);
    for (const wrong of [{ 'mcp-name': 'slow' }, { 'mcp-method': 'tools/list' }, { 'mcp-name': '=?base64?%%?=' }]) {
      const refused = await post(open.url, body, { ...headers, ...wrong });
      expect([refused.status, refused.json.error.code]).toEqual([400, -32020]);
    }
    const { 'mcp-method': _method, ...withoutMethod } = headers;
    expect((await post(open.url, body, withoutMethod)).json.error.code).toBe(-32020);
  });

  test('has no GET, no DELETE, no unknown method and no other version', async () => {
    const headers = { accept: 'text/event-stream', 'mcp-protocol-version': '2026-07-28' };
    expect((await fetch(`${open.url}/mcp`, { headers })).status).toBe(405);
    const unknown = modern('ping');
    expect((await post(open.url, unknown.body, unknown.headers)).status).toBe(404);
    const list = modern('tools/list');
    const meta = { ...list.body.params._meta, 'io.modelcontextprotocol/protocolVersion': '2099-01-01' };
    const body = { ...list.body, params: { _meta: meta } };
    const future = await post(open.url, body, { ...list.headers, 'mcp-protocol-version': '2099-01-01' });
    expect([future.status, future.json.error.code]).toEqual([400, -32022]);
  });

  test('a client that hangs up cancels', async () => {
    const { body, headers } = modern('tools/call', { name: 'slow', arguments: { m: 1 } }, 'slow');
    const abort = new AbortController();
    const init = {
      method: 'POST',
      headers: { ...JSON_HEADERS, ...headers },
      body: JSON.stringify(body),
      signal: abort.signal,
    };
    const hung = fetch(`${open.url}/mcp`, init);
    await vi.waitFor(() => expect(open.endpoints.stats().inFlight).toBe(1));
    abort.abort();
    await expect(hung).rejects.toThrow();
    await vi.waitFor(() => expect(catalog.aborted).toEqual([{ m: 1 }]));
  });

  test('listening is acknowledged, filtered, and ended with a result', async () => {
    const { body, headers } = modern('subscriptions/listen', {
      notifications: { toolsListChanged: true, promptsListChanged: false, resourceSubscriptions: ['sample://a'] },
    });
    const stream = await fetch(`${open.url}/mcp`, {
      method: 'POST',
      headers: { ...JSON_HEADERS, ...headers },
      body: JSON.stringify(body),
    });
    expect(open.endpoints.stats().listeners).toBe(1);
    catalog.change({ kind: 'prompts' });
    catalog.change({ kind: 'tools' });
    catalog.change({ kind: 'resource', uri: 'sample://a' });
    await open.endpoints.close({ drainMs: 100 });
    const messages = [...(await stream.text()).matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? ''));
    expect(messages.map(({ method, result }) => method ?? result.resultType)).toEqual([
      'notifications/subscriptions/acknowledged',
      'notifications/tools/list_changed',
      'notifications/resources/updated',
      'complete',
    ]);
    expect(messages[0].params.notifications).toEqual({ toolsListChanged: true, resourceSubscriptions: ['sample://a'] });
    expect(
      messages.slice(0, 3).every(({ params }) => params._meta['io.modelcontextprotocol/subscriptionId'] === 1),
    ).toBe(true);
  });
});

describe('what is refused', () => {
  test.each([
    ['no Accept for events', { accept: 'application/json' }, '{}', 406],
    ['another media type', { 'content-type': 'text/plain' }, '{}', 415],
    ['no JSON', {}, '{"jsonrpc"', 400],
    ['a member in another case', {}, '{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/list"}', 400],
    ['a member given twice', {}, '{"jsonrpc":"2.0","id":1,"method":"ping","m\\u0065thod":"tools/list"}', 400],
    ['an unknown protocol version', { 'mcp-protocol-version': '1999-01-01' }, JSON.stringify(initialize()), 400],
    ['a body beyond 4 MB', {}, `"${'x'.repeat(4 * 1024 * 1024)}"`, 413],
  ])('%s', async (_what, headers, body, status) => {
    const answer = await post(open.url, body, headers);
    expect(answer.status).toBe(status);
    expect(answer.json.error.code).toBeLessThan(0);
  });

  test('a body beyond 4 MB without a length', async () => {
    const status = await new Promise((resolve, reject) => {
      const req = request(`${open.url}/mcp`, {
        method: 'POST',
        headers: { ...JSON_HEADERS, 'transfer-encoding': 'chunked' },
      });
      req.on('response', (res) => resolve(res.statusCode)).on('error', reject);
      for (let part = 0; part < 5; part += 1) req.write('x'.repeat(1024 * 1024));
    });
    expect(status).toBe(413);
  });

  test('everything while shutting down', async () => {
    await open.endpoints.close({ drainMs: 0 });
    const refused = await post(open.url, initialize());
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
  });
});
