import { connect } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { call, JSON_HEADERS } from '../transports/raw-http.ts';
import { fullLine } from './full-line.ts';
import { type Answer, corsOrigin, type Edge, openEdge } from './open-edge.ts';

let edge: Edge;
beforeEach(async () => {
  edge = await openEdge({ line: fullLine() });
});
afterEach(() => edge.close());

const body = JSON.stringify(call(1, 'echo'));
const busy = { codigo: 'sobrecarga', tente_novamente: true, espera_segundos: 1 };

function expectTurnedAway({ status, headers, text }: Answer): void {
  expect([status, headers['retry-after']]).toEqual([503, '1']);
  const { erro, error } = JSON.parse(text);
  const told = erro ?? error.data;
  expect(told).toMatchObject(busy);
  expect(told.id_requisicao).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers['x-request-id']).toBe(told.id_requisicao);
  expect(headers['x-content-type-options']).toBe('nosniff');
  expect(Number(headers['content-length'])).toBe(Buffer.byteLength(text));
}

it('turns work away in the words of its door, and health and its kin never', async () => {
  const overMcp = await edge.ask('POST', '/mcp', JSON_HEADERS, body);
  expectTurnedAway(overMcp);
  expect(JSON.parse(overMcp.text)).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32000 } });
  const overRest = await edge.ask('POST', '/tools/echo', {}, '{}');
  expectTurnedAway(overRest);
  expect(JSON.parse(overRest.text).erro.mensagem).toBe(JSON.parse(overMcp.text).error.message);
  for (const path of ['/health', '/health/live', '/health/ready'])
    expect((await edge.ask('GET', path)).status).toBe(200);
  expect(edge.ran()).toBe(0);
  expect(edge.refused).toEqual(['overload', 'overload']);
});

it('looks at nobody first: not at the token, the host or the path', async () => {
  expectTurnedAway(await edge.ask('GET', '/nada', { host: 'outro.example', authorization: 'Bearer errada' }));
  expect(edge.refused).toEqual(['overload']);
});

it('lets a page of a listed origin read it, and one of another origin nothing', async () => {
  const page = await edge.ask('POST', '/tools/echo', { origin: corsOrigin }, '{}');
  expectTurnedAway(page);
  expect(page.headers['access-control-allow-origin']).toBe(corsOrigin);
  expect((await edge.ask('POST', '/tools/echo', { origin: 'https://outro.example' }, '{}')).status).toBe(403);
});

it('does not wait for the body, and the connection serves on', async () => {
  const socket = connect(edge.port, '127.0.0.1');
  const received: string[] = [];
  socket.on('data', (chunk) => received.push(String(chunk)));
  socket.write(`POST /mcp HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: ${body.length}\r\n\r\n`);
  await expect.poll(() => received.join(''), { timeout: 10_000 }).toMatch(/^HTTP\/1\.1 503 /);
  received.length = 0;
  socket.write(`${body}GET /health HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
  await expect.poll(() => received.join(''), { timeout: 10_000 }).toMatch(/^HTTP\/1\.1 200 /);
  socket.destroy();
});
