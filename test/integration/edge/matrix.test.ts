import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fullAccess } from '../../../src/companies/principal.ts';
import { call, initialize, JSON_HEADERS, modern } from '../transports/raw-http.ts';
import { corsOrigin, type Edge, goodToken, openEdge } from './open-edge.ts';

const modernCall = modern('tools/call', { name: 'echo', arguments: {} }, 'echo');
/** Every route with a request that would run something. */
const routes: readonly [method: string, path: string, headers: Record<string, string>, body?: string][] = [
  ['POST', '/mcp', JSON_HEADERS, JSON.stringify(initialize())],
  ['POST', '/mcp', JSON_HEADERS, JSON.stringify(call(1, 'echo'))],
  ['POST', '/mcp', { ...JSON_HEADERS, ...modernCall.headers }, JSON.stringify(modernCall.body)],
  ['GET', '/mcp', { accept: 'text/event-stream' }],
  ['DELETE', '/mcp', {}],
  ['POST', '/streamable', JSON_HEADERS, JSON.stringify(initialize())],
  ['GET', '/sse', { accept: 'text/event-stream' }],
  ['POST', '/messages?sessionId=x', JSON_HEADERS, JSON.stringify(call(1, 'echo'))],
  ['GET', '/tools', {}],
  ['POST', '/tools/echo', {}, '{}'],
  ['PUT', '/tools/echo', {}, '{}'],
  ['GET', '/nada', {}],
  ['OPTIONS', '/mcp', {}],
];
const healthRoutes: typeof routes = ['/health', '/health/live', '/health/ready'].map((path) => ['GET', path, {}]);
const strangers: readonly Record<string, string>[] = [
  { host: 'evil.example.com' },
  { host: '127.0.0.1.evil.example.com' },
  { host: 'localhost@evil.example.com' },
  { host: '127.0.0.1:999999' },
  { origin: 'http://evil.example.com' },
  { origin: 'null' },
  { origin: 'file://' },
  { origin: `${corsOrigin}.evil.example.com` },
  { origin: 'http://127.0.0.1:80@evil.example.com' },
];
const badTokens: readonly Record<string, string>[] = [
  {},
  { authorization: 'Bearer errada' },
  { authorization: 'Bearer' },
  { authorization: `Basic ${goodToken}` },
  { authorization: `Bearer ${goodToken}x` },
  { authorization: `Bearer ${goodToken.toUpperCase()}` },
  { 'x-api-key': goodToken },
];
const good = { authorization: `Bearer ${goodToken}` };

describe.each([
  ['the main port without pages that may call', { http: true, sse: true, rest: true }, []],
  ['the main port', { http: true, sse: true, rest: true }],
  ['the extra port for Streamable HTTP', { http: true, sse: false, rest: false }],
  ['the extra port for SSE', { http: false, sse: true, rest: false }],
])('%s', (_name, doors, corsOrigins: readonly string[] = [corsOrigin]) => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await openEdge({ doors, corsOrigins, principals: { [goodToken]: fullAccess('ana') }, failedLogins: 0 });
  });
  afterAll(() => edge.close());

  it('lets no stranger in, whatever token he shows, and runs nothing', async () => {
    let asked = 0;
    for (const [method, path, headers, body] of [...routes, ...healthRoutes]) {
      for (const stranger of strangers) {
        for (const token of [...badTokens, good]) {
          const answer = await edge.ask(method, path, { ...headers, ...token, ...stranger }, body);
          expect([400, 403], `${method} ${path} ${JSON.stringify(stranger)}`).toContain(answer.status);
          expect(answer.text).not.toContain('evil');
          asked += 1;
        }
      }
    }
    expect(asked).toBe(16 * 9 * 8);
    expect(edge.ran()).toBe(0);
    expect(edge.endpoints.stats().sessions).toEqual({ http: 0, sse: 0, stdio: 0 });
  }, 60_000);

  it('lets nobody in without a good token, nor with it in the query', async () => {
    for (const [method, path, headers, body] of routes) {
      for (const token of badTokens) {
        const query = `${path.includes('?') ? '&' : '?'}access_token=${goodToken}&token=${goodToken}`;
        const answer = await edge.ask(method, `${path}${query}`, { ...headers, ...token }, body);
        expect(answer.status, `${method} ${path} ${JSON.stringify(token)}`).toBe(401);
        expect(answer.headers['www-authenticate']).toMatch(/^Bearer/);
      }
    }
    expect(edge.ran()).toBe(0);
    expect(edge.endpoints.stats().sessions).toEqual({ http: 0, sse: 0, stdio: 0 });
  });

  it.each(['/mcp', '/sse', '/tools', '/health', '/nada'])('refuses two Host headers on %s', async (path) => {
    const text = await raw(edge.port, `GET ${path} HTTP/1.1\r\nHost: localhost\r\nhost: localhost\r\n\r\n`);
    expect(text).toMatch(/^HTTP\/1\.1 400/);
  });

  it('refuses two Authorization headers on every route, whichever of them is good', async () => {
    for (const [method, path] of [...routes, ...healthRoutes]) {
      for (const [first, second] of [
        [goodToken, 'errada'],
        ['errada', goodToken],
        [goodToken, goodToken],
      ]) {
        const tokens = `Authorization: Bearer ${first}\r\nauthorization: Bearer ${second}\r\n`;
        const head = `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${tokens}\r\n`;
        expect(await raw(edge.port, head), `${method} ${path}`).toMatch(/^HTTP\/1\.1 400.*parametro_invalido/s);
      }
    }
    expect(edge.refused).toContain('auth');
    expect(edge.ran()).toBe(0);
  });

  it('takes an address in place of a path when it is ours, and for no other host whatever Host says', async () => {
    const ask = async (target: string, host = 'localhost'): Promise<number> => {
      const head = `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
      return Number((await raw(edge.port, head)).slice(9, 12));
    };
    for (const [, path] of [...routes, ...healthRoutes]) {
      for (const base of ['http://evil.example.com', 'http://localhost@evil.example.com', 'ftp://localhost', 'http://'])
        expect(await ask(`${base}${path}`), `${base}${path}`).toBe(403);
      expect(await ask(`http://localhost${path}`, 'evil.example.com')).toBe(403);
      expect(await ask(`HTTP://LocalHost:${edge.port}${path}`), path).toBe(await ask(path));
    }
    expect(await ask('http://localhost?x=1')).toBe(await ask('/?x=1'));
  });

  it('opens nothing at the address of a domain that there is not', async () => {
    for (const [method, path, headers, body] of routes) {
      if (!/^\/(?:mcp|streamable|sse|tools)/.test(path)) continue;
      const plain = await edge.ask(method, path, { ...headers, ...good }, body);
      const asked = (domain: string) => edge.ask(method, `${path}?domains=${domain}`, { ...headers, ...good }, body);
      expect((await asked('omie')).status, `${method} ${path}`).toBe(plain.status);
      if (plain.status >= 300) continue;
      for (const domain of ['sales', 'omie,sales', ''])
        expect((await asked(domain)).status, `${method} ${path} ${domain}`).toBe(404);
    }
  });

  it('hardens every answer', async () => {
    for (const [method, path, headers, body] of [...routes, ...healthRoutes]) {
      for (const extra of [good, {}, { ...good, origin: 'null' }]) {
        const answer = await edge.ask(method, path, { ...headers, ...extra }, body);
        expect(answer.headers, `${method} ${path} ${answer.status}`).toMatchObject({
          'x-content-type-options': 'nosniff',
          'content-security-policy': "default-src 'none';frame-ancestors 'none'",
          'x-frame-options': 'DENY',
          'referrer-policy': 'no-referrer',
          'strict-transport-security': 'max-age=31536000',
          'cross-origin-resource-policy': 'same-origin',
        });
        expect(answer.headers).not.toHaveProperty('x-powered-by');
      }
    }
  });
});

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => {
      answer += String(chunk);
      socket.end();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}
