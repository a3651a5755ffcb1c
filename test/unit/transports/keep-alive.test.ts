import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { KeepAlive } from '../../../src/transports/keep-alive.ts';

const EVERY_MS = 10;

let server: Server;
let client: Socket;
let res: ServerResponse;

beforeEach(async () => {
  const answered = new Promise<ServerResponse>((resolve) => {
    server = createServer((_req, response) => resolve(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  client = connect(port, '127.0.0.1', () => client.pause().write('GET / HTTP/1.1\r\nhost: a\r\n\r\n'));
  client.on('error', () => {});
  res = await answered;
});
afterEach(() => {
  client.destroy();
  server.closeAllConnections();
  server.close();
});

test('an ended response nobody reads is not written to, and is given up after a while', async () => {
  const wrong: unknown[] = [];
  res.on('error', (error) => wrong.push(error));
  const keepAlive = new KeepAlive(EVERY_MS);
  keepAlive.add(res);
  // Below what would have it dropped at once, above what the kernel takes.
  res.write('x'.repeat(7.5 * 1024 * 1024));
  res.end();
  expect(res.destroyed).toBe(false);
  await vi.waitFor(() => expect(res.destroyed).toBe(true), 5_000);
  expect(wrong).toEqual([]);
});

test('an error of the response alone does not end the process', () => {
  new KeepAlive(EVERY_MS).add(res);
  expect(() => res.emit('error', new Error('broken'))).not.toThrow();
});

test('an open stream gets a comment now and then', async () => {
  const keepAlive = new KeepAlive(EVERY_MS);
  keepAlive.add(res);
  let text = '';
  client.on('data', (chunk) => {
    text += String(chunk);
  });
  client.resume();
  await vi.waitFor(() => expect(text.split(': keepalive').length).toBeGreaterThan(2));
});
