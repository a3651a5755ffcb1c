// What HTTP says of a call, and who is asked next.
import type { ServerResponse } from 'node:http';
import { beforeAll, describe, expect, it } from 'vitest';
import { closeAfterEach } from '../../support/close-after-each.ts';
import { callTool, gateway, httpServer, mountIn } from '../../support/gateway-house.ts';
import { startRaw } from '../../support/upstreams.ts';

const open = closeAfterEach();
const mount = mountIn(open);

type Answer = (response: ServerResponse, id: unknown) => void;
const plain =
  (status: number, body = ''): Answer =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'text/plain' }).end(body);
const json =
  (status: number, message: (id: unknown) => object): Answer =>
  (response, id) =>
    void response
      .writeHead(status, { 'content-type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', ...message(id) }));
const said = (status: number, code: number, message: string, id?: null): Answer =>
  json(status, (own) => ({ id: id === null ? null : own, error: { code, message } }));

/** A server without sessions that answers calls as the test wants, before one that works. */
async function twoServers(answer: Answer) {
  const calls = { first: 0, second: 0 };
  const start = async (name: keyof typeof calls, toCall: Answer) => {
    const server = await startRaw(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      if (request.method !== 'POST') return void response.writeHead(405).end();
      const { id, method } = JSON.parse(Buffer.concat(chunks).toString());
      if (id === undefined) return void response.writeHead(202).end();
      const info = { protocolVersion: '2025-11-25', capabilities: { tools: {} }, serverInfo: { name, version: '1' } };
      const tools = [{ name: 't', inputSchema: { type: 'object' } }];
      if (method === 'initialize') json(200, () => ({ id, result: info }))(response, id);
      else if (method === 'tools/list') json(200, () => ({ id, result: { tools } }))(response, id);
      else if (method !== 'tools/call') said(200, -32601, 'no')(response, id);
      else {
        calls[name] += 1;
        toCall(response, id);
      }
    });
    open.push(server.close);
    return server.url;
  };
  const done = json(200, (id) => ({ id, result: { content: [{ type: 'text', text: 'done' }] } }));
  const urls = await Promise.all([start('first', answer), start('second', done)]);
  const servers = urls.map((url, place) =>
    httpServer(['first', 'second'][place] ?? '', url, { priority: place + 1, timeoutMs: 60_000 }),
  );
  const registry = await mount(gateway(servers));
  const ask = (readOnly: boolean, ids = ['first', 'second']) => callTool(registry, ids, 't', {}, { readOnly });
  return { ask, calls };
}

describe('a call that HTTP refuses', () => {
  it.each<[string, Answer]>([
    ['404', plain(404, 'Not Found')],
    ['410', plain(410)],
    ['401', plain(401)],
    ['403', plain(403, '{"error":"forbidden"}')],
    ['404 for every session', said(404, -32001, 'Session not found', null)],
  ])('with %s was not begun: a read and a write are given to the next server', async (_name, answer) => {
    const { ask, calls } = await twoServers(answer);
    expect(await ask(true)).toEqual({ text: 'done', servedBy: 'second' });
    expect(await ask(false)).toEqual({ text: 'done', servedBy: 'second' });
    expect(calls).toEqual({ first: 2, second: 2 });
    await expect(ask(false, ['first'])).rejects.toMatchObject({ code: 'servidor_indisponivel' });
  });

  it.each<[string, Answer]>([
    ['400', plain(400, 'Bad Request')],
    ['400 and an error without an id', said(400, -32000, 'No valid session', null)],
    ['403 and an error of its own', said(403, -32003, 'not this account')],
  ])('with %s: a read is given to the next server, a write to nobody', async (_name, answer) => {
    const { ask, calls } = await twoServers(answer);
    expect(await ask(true)).toEqual({ text: 'done', servedBy: 'second' });
    await expect(ask(false)).rejects.toThrow();
    expect(calls).toEqual({ first: 2, second: 1 });
  });

  it('and answers with an error of its own is answered', async () => {
    const { ask, calls } = await twoServers(said(404, -32602, 'no such account'));
    for (const readOnly of [true, false]) await expect(ask(readOnly)).rejects.toMatchObject({ code: -32602 });
    expect(calls).toEqual({ first: 2, second: 0 });
  });
});

describe('an answer that is too large to be read', () => {
  let much: string;
  beforeAll(() => {
    much = JSON.stringify({ content: [{ type: 'text', text: 'x'.repeat(17 * 1_048_576) }] });
  });

  it.each(['as a body', 'as an event'])('%s: a read moves on, and nobody knows what a write did', async (how) => {
    const { ask, calls } = await twoServers((response, id) => {
      const text = `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${much}}`;
      const type = how === 'as a body' ? 'application/json' : 'text/event-stream';
      response.on('error', () => {});
      response.writeHead(200, { 'content-type': type }).end(how === 'as a body' ? text : `data: ${text}\n\n`);
    });
    expect(await ask(true)).toEqual({ text: 'done', servedBy: 'second' });
    await expect(ask(false)).rejects.toMatchObject({
      code: 'resultado_desconhecido',
      message: expect.stringContaining('grande demais'),
      retryable: false,
    });
    expect(calls).toEqual({ first: 2, second: 1 });
  });
});
