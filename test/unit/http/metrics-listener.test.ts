import { get } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listenForMetrics } from '../../../src/http/metrics-listener.ts';

let listener: Awaited<ReturnType<typeof listenForMetrics>>;
beforeAll(async () => {
  listener = await listenForMetrics(async () => 'omie_mcp_x 1\n', 'text/plain', {
    host: '127.0.0.1',
    port: 0,
    allowedHosts: ['hub-a'],
    corsOrigins: ['https://painel.exemplo.com.br'],
  });
});
afterAll(() => listener.close());

function ask(
  headers: Record<string, string>,
  path = '/metrics',
): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port: listener.port, path, headers, agent: false }, (res) => {
      let body = '';
      res.on('data', (chunk) => {
        body += chunk;
      });
      res.on('end', () => resolve({ status: res.statusCode, body }));
    }).on('error', reject);
  });
}

it.each([
  ['this machine', { host: 'localhost:9090' }, 200],
  ['the address listened on', { host: '127.0.0.1' }, 200],
  ['a name of the operator', { host: 'hub-a:9090' }, 200],
  ['a page of a listed origin', { host: '127.0.0.1', origin: 'https://painel.exemplo.com.br' }, 200],
  ['a name that a page made resolve to us', { host: 'mau.example:9090' }, 403],
  ['a page of another origin', { host: '127.0.0.1', origin: 'https://mau.example' }, 403],
])('metrics asked by %s', async (_who, headers, status) => {
  const answer = await ask(headers);
  expect(answer.status).toBe(status);
  expect(answer.body.includes('omie_mcp_')).toBe(status === 200);
});

it.each([
  ['http://hub-a:9090/metrics', 200],
  ['http://mau.example/metrics', 403],
])('metrics asked for as %s', async (target, status) => {
  expect((await ask({ host: 'localhost' }, target)).status).toBe(status);
});
