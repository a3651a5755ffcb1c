import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { fullAccess } from '../../../src/companies/principal.ts';
import { type OpenEndpoints, openEndpoints } from './open-endpoints.ts';
import { call, ENVELOPE, initialize, modern, openSession, post } from './raw-http.ts';
import { SampleCatalog } from './sample-catalog.ts';

const BUSY = { code: -32000, data: { codigo: 'sobrecarga', tente_novamente: true, espera_segundos: 1 } };

let catalog: SampleCatalog;
let open: OpenEndpoints;

beforeEach(async () => {
  catalog = new SampleCatalog();
  open = await openEndpoints({ catalog, requestCap: 400 });
});
afterEach(() => open.close());

function cancelled(requestId: unknown): object {
  return { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId } };
}

/** A pipe to the endpoints, and every message that came out of it. */
function pipe() {
  const [stdin, stdout] = [new PassThrough(), new PassThrough()];
  open.endpoints.stdio.serve(fullAccess('local'), { stdin, stdout, onClose: () => {} });
  let text = '';
  stdout.on('data', (chunk) => {
    text += String(chunk);
  });
  return {
    send: (message: object) => stdin.write(`${JSON.stringify(message)}\n`),
    received: () =>
      text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
  };
}

test('a session and the process have room for so many requests, and again once some are done', async () => {
  const session = await openSession(open.url, {}, '2025-03-26');
  const ids = Array.from({ length: 256 }, (_, at) => at);
  const batches = [0, 100, 200].map((from) => {
    const batch = ids.slice(from, from + 100).map((id) => call(id, 'slow'));
    return post(open.url, JSON.stringify(batch), session);
  });
  await vi.waitFor(() => expect(open.endpoints.stats().inFlight).toBe(3));
  const refused = await post(open.url, call('one more', 'echo'), session);
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
  expect(refused.json).toMatchObject({ id: 'one more', error: BUSY });
  const asked = await post(open.url, { jsonrpc: '2.0', id: 'r', method: 'resources/list' }, session);
  expect([asked.status, asked.json.error.code]).toEqual([503, BUSY.code]);
  const batch = await post(open.url, JSON.stringify([call('x', 'echo'), call('y', 'echo')]), session);
  expect([batch.status, batch.json]).toMatchObject([200, [{ error: BUSY }, { error: BUSY }]]);

  const other = await openSession(open.url, {}, '2025-03-26');
  const more = post(open.url, JSON.stringify(ids.slice(0, 44).map((id) => call(id, 'slow'))), other);
  await vi.waitFor(() => expect(open.endpoints.stats().inFlight).toBe(4));
  const { body, headers } = modern('tools/call', { name: 'echo', arguments: {} }, 'echo');
  const stateless = await post(open.url, body, headers);
  expect([stateless.status, stateless.headers.get('retry-after')]).toEqual([503, '1']);
  expect(stateless.json.error).toMatchObject(BUSY);

  for (const id of ids) await post(open.url, cancelled(id), session);
  expect((await post(open.url, body, headers)).status).toBe(200);
  expect((await post(open.url, call(1, 'echo'), session)).status).toBe(200);
  await fetch(`${open.url}/mcp`, { method: 'DELETE', headers: other });
  await Promise.all([...batches, more]);
  expect(open.endpoints.stats().inFlight).toBe(0);
});

test.each([
  ['older revisions', {}],
  ['2026-07-28', { _meta: ENVELOPE }],
])('a pipe has room for so many requests of %s', async (_era, extra) => {
  const { send, received } = pipe();
  const ask = (id: unknown, name: string): void => {
    send({ jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: {}, ...extra } });
  };
  for (let id = 0; id < 256; id += 1) ask(id, 'slow');
  ask('one more', 'echo');
  await vi.waitFor(() => expect(received()).toMatchObject([{ id: 'one more', error: BUSY }]));
  send(cancelled(7));
  ask('again', 'echo');
  await vi.waitFor(() => expect(received()[1]).toMatchObject({ id: 'again', result: {} }));
});

test('a client hears of changes once it has shaken hands', async () => {
  const { send, received } = pipe();
  send(initialize('2025-06-18'));
  await vi.waitFor(() => expect(received()).toHaveLength(1));
  catalog.change({ kind: 'tools' });
  send({ jsonrpc: '2.0', method: 'notifications/initialized' });
  send({ jsonrpc: '2.0', id: 1, method: 'ping' });
  await vi.waitFor(() => expect(received()).toHaveLength(2));
  expect(received()[1]).toMatchObject({ id: 1, result: {} });
  catalog.change({ kind: 'tools' });
  await vi.waitFor(() => expect(received()[2]).toMatchObject({ method: 'notifications/tools/list_changed' }));
});
