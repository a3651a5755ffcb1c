import { afterEach, expect, it } from 'vitest';
import { fullAccess } from '../../../src/companies/principal.ts';
import { call, JSON_HEADERS, openSession } from '../transports/raw-http.ts';
import { type Answer, type Edge, type EdgeOptions, goodToken, openEdge } from './open-edge.ts';
import { RawConnection } from './raw-connection.ts';

let edge: Edge;
afterEach(() => edge.close());
const open = async (options: EdgeOptions): Promise<void> => {
  edge = await openEdge(options);
};
const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

function expectToWait(answer: Answer): void {
  expect(answer.status).toBe(429);
  const seconds = Number(answer.headers['retry-after']);
  expect(seconds).toBeGreaterThan(0);
  expect(seconds).toBeLessThanOrEqual(60);
  const { erro, error } = JSON.parse(answer.text);
  expect(erro ?? error.data).toMatchObject({
    codigo: 'limite_de_uso',
    tente_novamente: true,
    espera_segundos: seconds,
  });
}

it('a principal asks as often as it may, whatever the door; another is not touched', async () => {
  const ana = { ...fullAccess('ana'), limitPerMinute: 5 };
  await open({ principals: { ana, bia: fullAccess('bia') } });
  const session = await openSession(edge.url, bearer('ana'));
  const echo = JSON.stringify(call(1, 'echo'));
  for (let n = 0; n < 2; n += 1) {
    expect((await edge.ask('POST', '/mcp', { ...JSON_HEADERS, ...session }, echo)).status).toBe(200);
    expect((await edge.ask('POST', '/tools/echo', bearer('ana'), '{}')).status).toBe(200);
  }
  const overMcp = await edge.ask('POST', '/mcp', { ...JSON_HEADERS, ...session }, echo);
  expectToWait(overMcp);
  expect(JSON.parse(overMcp.text)).toMatchObject({ jsonrpc: '2.0', id: null });
  expectToWait(await edge.ask('POST', '/tools/echo', bearer('ana'), '{}'));
  expectToWait(await edge.ask('GET', '/sse', bearer('ana')));
  expect((await edge.ask('POST', '/tools/echo', bearer('bia'), '{}')).status).toBe(200);
  expect((await edge.ask('GET', '/health', bearer('ana'))).status).toBe(200);
  expect([edge.ran(), edge.refused]).toEqual([5, ['rate', 'rate', 'rate']]);
});

it('a batch costs as much as its requests', async () => {
  await open({ principals: { ana: { ...fullAccess('ana'), limitPerMinute: 12 } } });
  const session = await openSession(edge.url, bearer('ana'), '2025-03-26');
  const batch = JSON.stringify(Array.from({ length: 11 }, (_, id) => call(id, 'echo')));
  expect((await edge.ask('POST', '/mcp', { ...JSON_HEADERS, ...session }, batch)).status).toBe(200);
  expectToWait(await edge.ask('POST', '/mcp', { ...JSON_HEADERS, ...session }, JSON.stringify(call(1, 'echo'))));
});

it('addresses are counted apart, as trusted proxies name them; this machine is not counted', async () => {
  await open({ perAddress: 3, trustedProxies: ['loopback'] });
  const from = (address: string): Promise<Answer> => edge.ask('GET', '/tools', { 'x-forwarded-for': address });
  for (let n = 0; n < 3; n += 1) expect((await from('198.51.100.7')).status).toBe(200);
  expectToWait(await from('198.51.100.7'));
  // What stands before the first untrusted address is hearsay.
  expectToWait(await from('203.0.113.9, 198.51.100.7'));
  expect((await from('203.0.113.9')).status).toBe(200);
  for (let n = 0; n < 10; n += 1) expect((await edge.ask('GET', '/tools')).status).toBe(200);
  expect((await edge.ask('GET', '/health', { 'x-forwarded-for': '198.51.100.7' })).status).toBe(200);
});

it('without a trusted proxy nobody may name his own address', async () => {
  await open({ failedLogins: 2, principals: { [goodToken]: fullAccess('ana') } });
  const tries = [];
  for (let n = 0; n < 4; n += 1) {
    tries.push((await edge.ask('GET', '/tools', { ...bearer('errada'), 'x-forwarded-for': `198.51.100.${n}` })).status);
  }
  expect(tries).toEqual([401, 401, 429, 429]);
});

it('bad tokens are limited; who was in goes on, who was not waits with a good one too', async () => {
  const principals = { [goodToken]: fullAccess('ana'), outra: fullAccess('bia') };
  await open({ principals, trustedProxies: ['loopback'] });
  const neighbour = { 'x-forwarded-for': '198.51.100.7' };
  const ask = (token: string, path = '/tools'): Promise<Answer> =>
    edge.ask('GET', path, { ...bearer(token), ...neighbour });
  expect((await ask(goodToken)).status).toBe(200);
  for (let n = 0; n < 9; n += 1) expect((await ask(`tentativa-${n}`)).status).toBe(401);
  // Health tells a good token from a bad one as well.
  expect(JSON.parse((await ask('tentativa-9', '/health')).text)).toEqual({ status: 'ok' });
  expectToWait(await ask('tentativa-10'));
  expectToWait(await ask('outra'));
  expect(JSON.parse((await ask('outra', '/health')).text)).toEqual({ status: 'ok' });
  expect((await ask(goodToken)).status).toBe(200);
  expect((await edge.ask('GET', '/tools', { ...bearer('outra'), 'x-forwarded-for': '203.0.113.9' })).status).toBe(200);
  // Who shows no token guesses nothing.
  expect((await edge.ask('GET', '/tools', neighbour)).status).toBe(401);
  expect(edge.refused.filter((reason) => reason === 'login')).toHaveLength(2);
});

it('10,000 guessed session ids open nothing, and are soon told to wait', async () => {
  await open({ sessionCap: 10 });
  const session = await openSession(edge.url);
  const statuses = new Map<number, number>();
  const body = JSON.stringify(call(1, 'echo'));
  const guess = async (connection: RawConnection): Promise<void> => {
    for (let n = 0; n < 1_250; n += 1) {
      const id = crypto.randomUUID();
      const { status } =
        n % 2 === 0
          ? await connection.ask('POST', '/mcp', { ...JSON_HEADERS, 'mcp-session-id': id }, body)
          : await connection.ask('POST', `/messages?sessionId=${id}`, JSON_HEADERS, body);
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    connection.close();
  };
  await Promise.all(Array.from({ length: 8 }, () => guess(new RawConnection(edge.port))));
  expect([...statuses.keys()].sort()).toEqual([404, 429]);
  expect(statuses.get(404)).toBeLessThanOrEqual(1_200);
  expect(edge.ran()).toBe(0);
  const own = await edge.ask('POST', '/mcp', { ...JSON_HEADERS, ...session }, JSON.stringify(call(1, 'echo')));
  expect(own.status).toBe(200);
}, 120_000);

it('one count of calls in progress for every door: the one too many is told when to come back, health answers', async () => {
  await open({ requestCap: 3 });
  const session = await openSession(edge.url, {}, '2025-03-26');
  const batch = JSON.stringify([call(1, 'slow'), call(2, 'slow'), call(3, 'slow')]);
  const abort = new AbortController();
  const headers = { ...JSON_HEADERS, ...session };
  const working = fetch(`${edge.url}/mcp`, { method: 'POST', headers, body: batch, signal: abort.signal });
  await expect.poll(() => edge.ran()).toBe(3);
  const refused = await edge.ask('POST', '/tools/echo', {}, '{}');
  expect([refused.status, refused.headers['retry-after']]).toEqual([503, '1']);
  expect(JSON.parse(refused.text).erro.codigo).toBe('sobrecarga');
  expect((await edge.ask('GET', '/health')).status).toBe(200);
  abort.abort();
  await expect(working).rejects.toThrow();
  await expect.poll(async () => (await edge.ask('POST', '/tools/echo', {}, '{}')).status).toBe(200);
});
