import { once } from 'node:events';
import { request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { JSON_HEADERS, modern, openSession } from '../transports/raw-http.ts';
import { type Edge, openEdge } from './open-edge.ts';

let edge: Edge;
let doors: readonly [path: string, headers: Record<string, string>][];
beforeAll(async () => {
  edge = await openEdge();
  const stream = await fetch(`${edge.url}/sse`);
  const event = new TextDecoder().decode((await stream.body?.getReader().read())?.value);
  const messages = /data: (\S+)/.exec(event)?.[1] ?? '';
  doors = [
    ['/mcp', { ...JSON_HEADERS, ...(await openSession(edge.url, {}, '2025-03-26')) }],
    ['/streamable', { ...JSON_HEADERS, ...modern('tools/call', {}, 'echo').headers }],
    [messages, JSON_HEADERS],
    ['/tools/echo', JSON_HEADERS],
  ];
});
afterAll(() => edge.close());

it('a body over 4 MB is 413 at every door, whether or not it says how long it is', async () => {
  for (const [path, headers] of doors) {
    for (const sizes of ['declared', 'chunked'] as const) {
      expect(await statusOfLarge(path, headers, sizes), `${path} ${sizes}`).toBe(413);
    }
  }
  expect(edge.refused.filter((reason) => reason === 'body')).toHaveLength(8);
  expect(edge.ran()).toBe(0);
});

it('the 413 reaches who reads nothing before everything is sent', async () => {
  for (const [path, headers] of doors) {
    for (const sizes of ['declared', 'chunked'] as const) {
      const socket = await postTo(path, headers, sizes === 'declared' ? LARGE.length : undefined);
      socket.pause();
      const frame = sizes === 'declared' ? LARGE : chunk(LARGE);
      await new Promise<void>((resolve, reject) => {
        socket.once('error', reject);
        socket.write(frame, () => resolve());
      });
      let answer = '';
      for await (const bytes of socket) answer += String(bytes);
      expect(answer, `${path} ${sizes}`).toMatch(/^HTTP\/1\.1 413 .*connection: close\r\n.*\}$/is);
    }
  }
});

it('who sends on for ever is cut, and is not read for long', async () => {
  const [path, headers] = doors[3] ?? ['', {}];
  const [greedy, slow] = [await postTo(path, headers), await postTo(path, headers, 1e12)];
  const piece = chunk(Buffer.alloc(1_048_576, ' '));
  const pour = (): void => void greedy.write(piece, (error) => (error ? undefined : pour()));
  pour();
  const trickle = setInterval(() => slow.write(' '), 200);
  const ends = [greedy, slow].map(async (socket) => {
    let answer = '';
    socket.on('data', (bytes) => {
      answer += String(bytes);
    });
    // A reset, for once: it is who does not stop that is cut.
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('close', resolve));
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });
  await Promise.all(ends);
  clearInterval(trickle);
  // The bound and what fits into the kernel's buffers of both sides.
  expect(greedy.bytesWritten - greedy.writableLength).toBeLessThan(64 * 1_048_576);
}, 60_000);

it('a key given twice, or in another case, is refused at every door and runs nothing', async () => {
  const params = '"params":{"name":"echo","arguments":{}}';
  const spoilt = [
    `{"jsonrpc":"2.0","id":1,"method":"ping","method":"tools/call",${params}}`,
    `{"jsonrpc":"2.0","id":1,"method":"tools/call",${params},"par\\u0061ms":{}}`,
    `{"jsonrpc":"2.0","id":1,"method":"tools/call","Method":"ping",${params}}`,
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"x","arguments":{},"name":"echo"}}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","Name":"x","arguments":{}}}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"a":1,"a":2}}}',
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"a":{"b":1,"b":2}}}}',
  ];
  for (const [path, headers] of doors) {
    if (path === '/tools/echo') continue;
    for (const text of spoilt) {
      const batches = path === '/mcp' ? [text, `[${text}]`] : [text];
      for (const body of batches) {
        const answer = await edge.ask('POST', path, headers, body);
        expect([answer.status, JSON.parse(answer.text).error.code], `${path} ${body}`).toEqual([400, -32600]);
      }
    }
  }
  const overRest = await edge.ask('POST', '/tools/echo', {}, '{"a":1,"a":2}');
  expect([overRest.status, JSON.parse(overRest.text).erro.codigo]).toEqual([400, 'parametro_invalido']);
  expect(edge.ran()).toBe(0);
});

it('a body that is no UTF-8, or is compressed, is refused at every door with its cause, and runs nothing', async () => {
  const message =
    '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{"a":"São Paulo"}}}';
  const bodies = [
    { body: Buffer.from(message, 'latin1'), more: {}, status: 400, code: -32700, says: /UTF-8/ },
    {
      body: gzipSync(message),
      more: { 'content-encoding': 'gzip' },
      status: 415,
      code: -32000,
      says: /Content-Encoding/,
    },
  ];
  for (const [path, headers] of doors) {
    for (const { body, more, status, code, says } of bodies) {
      const answer = await fetch(`${edge.url}${path}`, { method: 'POST', headers: { ...headers, ...more }, body });
      const text = await answer.text();
      expect(answer.status, `${path} ${text}`).toBe(status);
      expect(text).toMatch(says);
      if (path !== '/tools/echo') expect(JSON.parse(text)).toMatchObject({ jsonrpc: '2.0', id: null, error: { code } });
    }
  }
  expect(edge.ran()).toBe(0);
});

it.each(['no json: SENHA', '{"jsonrpc":"2.0","id":1,"method":7,"senha":"SENHA"}', '"SENHA"'])(
  '%s is a clean 400 on /messages, and nothing of it comes back',
  async (body) => {
    const [path = '', headers] = doors[2] ?? [];
    const answer = await edge.ask('POST', path, headers, body);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.text)).toMatchObject({ jsonrpc: '2.0', error: { code: expect.any(Number) } });
    expect(answer.text).not.toContain('SENHA');
  },
);

const LARGE = Buffer.alloc(6 * 1024 * 1024, ' ');

/** A connection on which the head of a POST was sent; of unknown length when none is given. */
async function postTo(path: string, headers: Readonly<Record<string, string>>, length?: number): Promise<Socket> {
  const socket = connect({ port: edge.port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  const framing = length === undefined ? 'transfer-encoding: chunked' : `content-length: ${length}`;
  const lines = ['host: 127.0.0.1', framing, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  socket.write(`POST ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  return socket;
}

function chunk(bytes: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}

/** Sends 6 MB and goes on sending when the answer comes, as clients do. */
function statusOfLarge(path: string, headers: Record<string, string>, sizes: 'declared' | 'chunked'): Promise<number> {
  const body = LARGE;
  const length = sizes === 'declared' ? { 'content-length': String(body.length) } : {};
  return new Promise((resolve, reject) => {
    const sent = request(`${edge.url}${path}`, { method: 'POST', headers: { ...headers, ...length }, agent: false });
    sent.on('response', (res) => {
      res.resume();
      resolve(res.statusCode ?? 0);
    });
    sent.on('error', reject);
    for (let at = 0; at < body.length; at += 65_536) sent.write(body.subarray(at, at + 65_536));
    sent.end();
  });
}

it('a body that arrives after its stream has gone takes no place that is never given back', async () => {
  const control = new AbortController();
  const stream = await fetch(`${edge.url}/sse`, { signal: control.signal });
  const event = new TextDecoder().decode((await stream.body?.getReader().read())?.value);
  const path = /data: (\S+)/.exec(event)?.[1] ?? '';
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'resources/list' });
  // Once in full, so that there is a server behind the session which then is closed.
  expect((await edge.ask('POST', path, JSON_HEADERS, body)).status).toBe(202);
  const answer = new Promise<number>((resolve, reject) => {
    const sent = request(`${edge.url}${path}`, {
      method: 'POST',
      headers: { ...JSON_HEADERS, 'content-length': body.length },
    });
    sent.on('response', (res) => resolve(res.resume().statusCode ?? 0)).on('error', reject);
    sent.write(body.slice(0, 10));
    setTimeout(() => control.abort(), 50);
    setTimeout(() => sent.end(body.slice(10)), 200);
  });
  expect(await answer).toBe(404);
  await expect.poll(() => edge.endpoints.stats().inFlight).toBe(0);
});
