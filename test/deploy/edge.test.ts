/** What the shipped nginx.conf lets in, and what it makes of it, seen from where a replica would be. */
import { type StdioOptions, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { connect as connectTcp } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { toolBody } from '../support/house.ts';
import { isInstalled } from '../support/installed-tool.ts';
import { layOut, nginxArgs, nginxEnv, type RunningProxy, startProxy } from './proxy.ts';
import { type Recorder, startRecorder } from './recorder.ts';

const hasNginx = isInstalled('nginx', 'nginx-light');

const logged = z.object({ status: z.number(), replica: z.string(), replica_status: z.string() });

/** The access log, but for a line that is still being written. */
function jsonLines(log: string): z.infer<typeof logged>[] {
  return log
    .split('\n')
    .slice(0, -1)
    .map((line) => logged.parse(JSON.parse(line)));
}

/** Sends bytes as they are and returns all that comes back until the connection ends. */
function exchange(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp(port, '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.setTimeout(5_000, () => socket.destroy(new Error('nothing came back')));
    socket.on('data', (chunk) => {
      answer += chunk;
    });
    // A reset is an end too: it is how nginx closes without an answer.
    socket.on('error', (error) => (answer === '' && !error.message.includes('ECONNRESET') ? reject(error) : undefined));
    socket.on('close', () => resolve(answer));
  });
}

describe.skipIf(!hasNginx)('the shipped nginx.conf', () => {
  let hubA: Recorder;
  let hubB: Recorder;
  let proxy: RunningProxy;
  beforeAll(async () => {
    [hubA, hubB] = [await startRecorder('a'), await startRecorder('b')];
    proxy = await startProxy({ hubA: hubA.port, hubB: hubB.port });
  });
  afterAll(async () => {
    await proxy.stop();
    await Promise.all([hubA.close(), hubB.close()]);
  });
  beforeEach(() => {
    for (const hub of [hubA, hubB]) {
      hub.seen.length = 0;
      hub.answer = (_req, res) => res.end(hub === hubA ? 'a' : 'b');
    }
  });
  const seen = () => [...hubA.seen, ...hubB.seen];

  it('passes nginx -t, also with the shipped examples of site/', () => {
    const folder = layOut({ hubA: 1, hubB: 2, site: { 'server-name.conf': 'server_name hub.example.com;' } }, 3, 4);
    const stdio: StdioOptions = ['ignore', 'ignore', 'pipe'];
    const tested = spawnSync('nginx', [...nginxArgs(folder), '-t'], { encoding: 'utf8', env: nginxEnv(), stdio });
    rmSync(folder, { recursive: true });
    expect(tested.stderr).toMatch(/test is successful/);
    expect(tested.stderr).not.toMatch(/\[(warn|emerg)\]/);
  });

  it('overwrites what a client says about itself, and names every request', async () => {
    const claims = { 'x-forwarded-for': '6.6.6.6', forwarded: 'for=6.6.6.6', 'x-real-ip': '6.6.6.6' };
    const headers = { ...claims, 'x-request-id': 'mine', 'x-forwarded-proto': 'https', authorization: 'Bearer abc' };
    const response = await fetch(`${proxy.origin}/tools`, { headers });
    const [request] = seen();
    expect(request?.headers).toMatchObject({
      'x-forwarded-for': '127.0.0.1',
      'x-real-ip': '127.0.0.1',
      'x-forwarded-proto': 'http',
      authorization: 'Bearer abc',
      host: `127.0.0.1:${proxy.port}`,
    });
    expect(request?.headers.forwarded).toBeUndefined();
    expect(request?.headers['x-request-id']).toMatch(/^[0-9a-f]{32}$/);
    expect(response.headers.get('x-request-id')).toBe(request?.headers['x-request-id']);
    expect(response.headers.get('server')).toBe('nginx');
    for (const hub of [hubA, hubB]) hub.answer = (_req, res) => res.setHeader('x-request-id', 'its-own').end();
    expect((await fetch(`${proxy.origin}/tools`)).headers.get('x-request-id')).toBe('its-own');
  });

  it.each([
    ...['/metrics', '/metrics/', '/api', '/api/servers', '/API/servers', '/docs', '/redoc', '/openapi.json', '/'],
    ...['/api%2fservers', '/%61pi/servers', '/mcpx', '/ssex', '/messages/x', '/.env', '/health/x', '/toolsx'],
  ])('%s is closed from outside', async (path) => {
    const response = await fetch(`${proxy.origin}${path}`);
    expect([400, 404]).toContain(response.status);
    expect(seen()).toEqual([]);
  });

  it.each([
    '/api/servers/../../tools/x',
    '/tools/../api/servers',
    '//api/servers',
    '/tools/%2e%2e/api',
    '/mcp/d/..%2fx',
  ])('%s, which two programs could read differently, is refused', async (path) => {
    expect(await exchange(proxy.port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`)).toMatch(
      /^HTTP\/1.1 400 /,
    );
    expect(seen()).toEqual([]);
  });

  it.each(['/mcp', '/streamable', '/mcp/status', '/sse', '/messages?sessionId=x', '/tools', '/tools/listar_empresas'])(
    '%s is open',
    async (path) => {
      expect((await fetch(`${proxy.origin}${path}`)).status).toBe(200);
      expect(seen().map(({ url }) => url)).toEqual([path]);
    },
  );

  it('says nothing to an unknown Host, and 400 to two of them or none', async () => {
    const get = (hosts: string) => exchange(proxy.port, `GET /health HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`);
    expect(await get('Host: evil.example.com\r\n')).toBe('');
    expect(await get('Host: localhost\r\nHost: evil.example.com\r\n')).toMatch(/^HTTP\/1.1 400 /);
    expect(await get('')).toMatch(/^HTTP\/1.1 400 /);
    expect(seen()).toEqual([]);
    expect(await get('Host: localhost\r\n')).toMatch(/^HTTP\/1.1 200 /);
  });

  it('refuses a body over 4 MB and passes one of exactly 4 MB', async () => {
    const post = (path: string, bytes: number) =>
      fetch(`${proxy.origin}${path}`, { method: 'POST', body: 'x'.repeat(bytes) });
    const refused = await post('/mcp', 5 * 1024 * 1024);
    expect(refused.status).toBe(413);
    expect(toolBody(await refused.json()).error.code).toBe(-32000);
    const rest = await post('/tools/listar_empresas', 5 * 1024 * 1024);
    expect(toolBody(await rest.json()).erro.codigo).toBe('parametro_invalido');
    expect(seen()).toEqual([]);
    expect((await post('/mcp', 4 * 1024 * 1024)).status).toBe(200);
  });

  it('refuses headers over 16 KiB with 431, as the server does, and passes one that is nearly as long', async () => {
    const get = (path: string, bytes: number, headers = 1) => {
      const lines = `X-Long: ${'x'.repeat(bytes / headers)}\r\n`.repeat(headers);
      return exchange(proxy.port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${lines}\r\n`);
    };
    for (const headers of [1, 8]) {
      const overMcp = await get('/mcp', 20_000, headers);
      expect(overMcp).toMatch(/^HTTP\/1.1 431 .*"code":-32000.*16 KiB/s);
      const overRest = await get('/tools', 20_000, headers);
      expect(overRest).toMatch(/^HTTP\/1.1 431 .*"codigo":"parametro_invalido".*16 KiB/s);
    }
    expect(seen()).toEqual([]);
    expect(await get('/mcp', 14_000)).toMatch(/^HTTP\/1.1 200 /);
    expect(await get('/mcp', 14_000, 8)).toMatch(/^HTTP\/1.1 200 /);
  });

  it('sends a session to the replica its id names, and an id of no replica to any', async () => {
    for (const [session, hub] of [
      ['hub-a.1', hubA],
      ['hub-b.1', hubB],
    ] as const) {
      for (const method of ['POST', 'GET', 'DELETE']) {
        await fetch(`${proxy.origin}/mcp`, { method, headers: { 'mcp-session-id': session } });
        await fetch(`${proxy.origin}/messages?sessionId=${session}`, { method });
      }
      expect(hub.seen).toHaveLength(6);
    }
    for (const session of ['hub-c.1', 'xhub-a.1', 'HUB-A.1', 'hub-a', '..%2f']) {
      expect((await fetch(`${proxy.origin}/mcp`, { headers: { 'mcp-session-id': session } })).status).toBe(200);
    }
    expect(seen()).toHaveLength(17);
  });

  it('never sends a POST again once a replica had it; one that never got it costs nothing', async () => {
    for (const hub of [hubA, hubB]) hub.answer = (_req, res) => res.socket?.destroy();
    const post = (path: string, headers = {}) =>
      fetch(`${proxy.origin}${path}`, { method: 'POST', body: '{}', headers });
    const lost = await post('/mcp');
    expect(lost.status).toBe(502);
    expect(toolBody(await lost.json()).error.message).toMatch(/outcome is unknown/);
    expect(lost.headers.get('retry-after')).toBeNull();
    expect(seen()).toHaveLength(1);
    expect((await post('/tools/x')).status).toBe(502);
    expect(seen()).toHaveLength(2);
    const inSession = await post('/mcp', { 'mcp-session-id': 'hub-a.1' });
    expect(inSession.status, 'a session whose call may have run is not "unknown"').toBe(502);
    expect(seen()).toHaveLength(3);
  });

  it('a replica that answers 503 has its answer passed on, Retry-After and all', async () => {
    for (const hub of [hubA, hubB]) hub.answer = (_req, res) => res.writeHead(503, { 'retry-after': '5' }).end('busy');
    const response = await fetch(`${proxy.origin}/tools/x`, { method: 'POST', body: '{}' });
    expect([response.status, response.headers.get('retry-after'), await response.text()]).toEqual([503, '5', 'busy']);
    expect(seen()).toHaveLength(1);
  });

  it('limits a token that asks without end, and says when to come back', async () => {
    const statuses = new Map<number, number>();
    let retryAfter: string | null = null;
    const ask = async (): Promise<void> => {
      const response = await fetch(`${proxy.origin}/tools`, { headers: { authorization: 'Bearer greedy' } });
      await response.arrayBuffer();
      statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1);
      if (response.status === 429) retryAfter = response.headers.get('retry-after');
    };
    // Until it is told to wait: a slow machine needs longer to ask faster than the limit gives back.
    for (let round = 0; round < 200 && !statuses.has(429); round += 1) {
      await Promise.all(Array.from({ length: 60 }, ask));
    }
    expect([...statuses.keys()].sort()).toEqual([200, 429]);
    expect(statuses.get(200)).toBeGreaterThanOrEqual(1_000);
    expect(retryAfter).toBe('1');
    const other = await fetch(`${proxy.origin}/tools`, { headers: { authorization: 'Bearer modest' } });
    expect(other.status).toBe(200);
  });

  it('writes no token and no session id into its log', async () => {
    await fetch(`${proxy.origin}/messages?sessionId=hub-a.canary`, { headers: { authorization: 'Bearer canary' } });
    await fetch(`${proxy.origin}/mcp`, { headers: { 'mcp-session-id': 'hub-a.canary' } });
    await expect.poll(() => proxy.access().includes('"path":"/messages"')).toBe(true);
    expect(proxy.access() + proxy.errors()).not.toMatch(/canary/);
    for (const line of proxy.access().trim().split('\n')) expect(() => JSON.parse(line)).not.toThrow();
  });
});

describe.skipIf(!hasNginx)('a replica that is gone', () => {
  it('404 to its sessions at once, 200 from the other to everyone else, 503 once none is left', async () => {
    const [hubA, hubB] = [await startRecorder('a'), await startRecorder('b')];
    const proxy = await startProxy({ hubA: hubA.port, hubB: hubB.port });
    try {
      await hubA.close();
      const post = (path: string, headers = {}) =>
        fetch(`${proxy.origin}${path}`, { method: 'POST', body: '{}', headers });
      for (let i = 0; i < 20; i += 1) expect(await (await post('/mcp')).text()).toBe('b');
      for (const gone of [
        await post('/mcp', { 'mcp-session-id': 'hub-a.1' }),
        await post('/messages?sessionId=hub-a.1'),
        await fetch(`${proxy.origin}/mcp`, { method: 'DELETE', headers: { 'mcp-session-id': 'hub-a.1' } }),
      ]) {
        expect(gone.status).toBe(404);
        expect(toolBody(await gone.json()).error).toEqual({ code: -32001, message: 'Session not found' });
      }
      // "At once" is what nginx did, not how fast this machine is: it asked that replica once, and nobody else.
      const asked = (): z.infer<typeof logged>[] => jsonLines(proxy.access()).filter(({ status }) => status === 404);
      await expect.poll(() => asked().length).toBe(3);
      for (const line of asked())
        expect(line).toMatchObject({ replica: `127.0.0.1:${hubA.port}`, replica_status: '502' });
      await hubB.close();
      const none = await post('/tools/x');
      expect([none.status, none.headers.get('retry-after')]).toEqual([503, '5']);
      expect(toolBody(await none.json()).erro).toMatchObject({ codigo: 'sobrecarga', tente_novamente: true });
      expect((await post('/mcp')).status).toBe(503);
    } finally {
      await proxy.stop();
      await Promise.all([hubA.close(), hubB.close()]);
    }
  });
});
