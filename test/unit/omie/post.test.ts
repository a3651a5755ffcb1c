import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { setImmediate as turn } from 'node:timers/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../../src/omie/clock.ts';
import { createPost } from '../../../src/omie/post.ts';
import { fastClock } from './open-client.ts';

async function serve(listener: RequestListener, clock = systemClock) {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const post = createPost({ baseUrl: `http://127.0.0.1:${port}/api/v1`, clock });
  onTestFinished(async () => {
    await post.close();
    server.closeAllConnections();
    server.close();
  });
  return { post, server };
}

const TEXT = '{"descricao":"Operação"}';

describe('post', () => {
  it('posts JSON below the base URL and gives the reply whatever its status', async () => {
    const seen: unknown[] = [];
    const { post } = await serve(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      seen.push([request.method, request.url, request.headers['content-type'], body]);
      response.writeHead(503, { 'retry-after': '7' }).end(TEXT);
    });
    const reply = await post.send('financas/mf/', '{"call":"x"}', { timeoutMs: 5_000 });
    expect(reply).toEqual({ status: 503, retryAfter: '7', text: TEXT });
    expect(seen).toEqual([['POST', '/api/v1/financas/mf/', 'application/json', '{"call":"x"}']]);
  });

  it.each([
    ['gzip', gzipSync(TEXT)],
    ['br', brotliCompressSync(TEXT)],
  ])('unpacks %s', async (encoding, body) => {
    const { post } = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': encoding }).end(body),
    );
    expect((await post.send('x/', '{}', { timeoutMs: 5_000 })).text).toBe(TEXT);
  });

  it('takes a body of 20 MB when unpacked, and not one byte more', async () => {
    const { post } = await serve((request, response) => {
      const body = gzipSync(Buffer.alloc(20 * 1_048_576 + (request.url?.endsWith('more/') ? 1 : 0), ' '));
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(body);
    });
    // Never the text itself: a test that fails would print it.
    const lengthOf = async (path: string) => (await post.send(path, '{}', { timeoutMs: 30_000 })).text.length;
    expect(await lengthOf('x/')).toBe(20 * 1_048_576);
    const refusal = { kind: 'bad-response', message: expect.stringContaining('20 MB') };
    await expect(lengthOf('more/')).rejects.toMatchObject(refusal);
  });

  it('refuses an encoding nobody asked for', async () => {
    const { post } = await serve((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'zap' }).end('x'),
    );
    await expect(post.send('x/', '{}', { timeoutMs: 5_000 })).rejects.toMatchObject({ kind: 'bad-response' });
  });

  it('follows no redirect', async () => {
    let requests = 0;
    const { post } = await serve((_request, response) => {
      requests += 1;
      response.writeHead(301, { location: '/elsewhere/' }).end();
    });
    expect((await post.send('x', '{}', { timeoutMs: 5_000 })).status).toBe(301);
    expect(requests).toBe(1);
  });

  it('keeps a connection for the next request', async () => {
    const ports = new Set<number | undefined>();
    const { post } = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      response.end('{}');
    });
    for (let time = 0; time < 3; time += 1) await post.send('x/', '{}', { timeoutMs: 5_000 });
    expect(ports.size).toBe(1);
  });

  it.each([
    ['the caller gives up', () => AbortSignal.timeout(50), 60_000, { code: 'cancelado' }],
    ['the time of the call is over', () => undefined, 3_000, { kind: 'network', timeUp: true }],
  ])('frees the socket when %s', async (_name, signal, timeoutMs, expected) => {
    const { post, server } = await serve(() => {}, fastClock(20));
    const closed = new Promise((resolve) => server.on('connection', (socket) => socket.on('close', resolve)));
    await expect(post.send('x/', '{}', { timeoutMs, signal: signal() })).rejects.toMatchObject(expected);
    await closed;
  });

  it('frees the socket when an answer that began says nothing more for 10 s', async () => {
    const { post, server } = await serve((_request, response) => response.writeHead(200).write('{"a":'), fastClock(20));
    const closed = new Promise((resolve) => server.on('connection', (socket) => socket.on('close', resolve)));
    const sent = post.send('x/', '{}', { timeoutMs: 60_000 });
    await expect(sent).rejects.toMatchObject({ kind: 'network', timeUp: false });
    await closed;
  });

  it('waits for an answer that begins after 12 s', async () => {
    const { post } = await serve((_request, response) => setTimeout(() => response.end('{}'), 600), fastClock(20));
    await expect(post.send('x/', '{}', { timeoutMs: 30_000 })).resolves.toMatchObject({ status: 200, text: '{}' });
  });

  it('opens no connection to warm up', async () => {
    const { post, server } = await serve((_request, response) => response.end(TEXT));
    let connections = 0;
    server.on('connection', () => {
      connections += 1;
    });
    await post.warmUp();
    expect(connections).toBe(0);
    expect((await post.send('x/', '{}', { timeoutMs: 5_000 })).text).toBe(TEXT);
  });

  it('waits for no connection that one which came to nothing would have had', async () => {
    const ports: (number | undefined)[] = [];
    const held: (() => void)[] = [];
    const { post } = await serve((request, response) => {
      if (request.url?.endsWith('pair/')) held.push(() => response.end('{}'));
      else {
        ports.push(request.socket.remotePort);
        response.end('{}');
      }
      if (held.length === 2) for (const answer of held.splice(0)) answer();
    });
    const send = (path: string, signal?: AbortSignal) => post.send(path, '{}', { timeoutMs: 30_000, signal });
    await expect(send('x/', AbortSignal.abort())).rejects.toMatchObject({ code: 'cancelado' });
    await Promise.all([send('pair/'), send('pair/')]);
    for (let turns = 0; turns < 4; turns += 1) await turn();
    // Two are open and free: who asks while the first is on its way back has the second.
    await send('x/');
    await send('x/');
    expect(new Set(ports).size).toBe(2);
  });

  it('sends nothing for a caller who has left already', async () => {
    let requests = 0;
    const { post } = await serve(() => {
      requests += 1;
    });
    await expect(post.send('x/', '{}', { timeoutMs: 100, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelado',
    });
    expect(requests).toBe(0);
  });
});
