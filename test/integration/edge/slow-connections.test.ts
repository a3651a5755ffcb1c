import type { createServer } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Listener, listen } from '../../../src/http/listen.ts';
import { ask } from './open-edge.ts';

/** More than the kernel takes off our hands for a reader who takes nothing. */
const large = Buffer.alloc(24 * 1024 * 1024, 'x');
const connections = 100;

let listener: Listener;
let url: string;
beforeAll(async () => {
  const handler: Parameters<typeof createServer>[1] = (req, res) => {
    req.resume();
    if (req.url === '/large') res.end(large);
    else if (req.url === '/long') setTimeout(() => res.end('long'), 9_000);
    else if (req.url === '/stream') {
      res.writeHead(200, { 'content-type': 'text/event-stream' });
      res.write(': open\n\n');
      setTimeout(() => res.end('data: late\n\n'), 20_000);
    } else req.once('end', () => res.end('ok'));
  };
  listener = await listen(handler, { host: '127.0.0.1', port: 0, behindProxy: false });
  url = `http://127.0.0.1:${listener.port}`;
});
afterAll(async () => {
  listener.closeAll();
  await listener.close();
});

/** Opens connections that begin with `first` and go on a byte a second, or not at all; told when each is closed. */
function slow(first: string, trickle: string): Promise<void>[] {
  return Array.from({ length: connections }, () => {
    const socket: Socket = connect(listener.port, '127.0.0.1', () => socket.write(first));
    socket.resume();
    const timer = trickle === '' ? undefined : setInterval(() => socket.write(trickle), 1_000);
    return new Promise((resolve) => {
      const closed = (): void => {
        clearInterval(timer);
        socket.destroy();
        resolve();
      };
      socket.on('error', closed);
      socket.on('end', closed);
      socket.on('close', closed);
    });
  });
}

it('slow headers, slow bodies, slow readers and silent ones are closed; normal clients, long answers and streams are not', async () => {
  const head = 'Host: localhost\r\n';
  const groups = {
    headers: slow(`GET / HTTP/1.1\r\n${head}`, 'X: y\r\n'),
    body: slow(`POST / HTTP/1.1\r\n${head}Content-Length: 100000\r\n\r\n`, 'x'),
    silent: slow('', ''),
  };
  const stuck = slowReaders();
  const long = ask(`${url}/long`, 'GET', {});
  let streaming = true;
  const stream = fetch(`${url}/stream`)
    .then((response) => response.text())
    .finally(() => {
      streaming = false;
    });
  let open = true;
  const closed = Promise.all([...Object.values(groups).flat(), ...stuck]).then((all) => {
    open = false;
    return all;
  });
  let answered = 0;
  while (open) {
    expect((await ask(url, 'GET', {})).text).toBe('ok');
    answered += 1;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(answered).toBeGreaterThan(0);
  expect(await closed).toHaveLength(4 * connections);
  expect(streaming, 'all are gone while a stream of 20 s goes on').toBe(true);
  expect((await long).text).toBe('long');
  expect(await stream).toBe(': open\n\ndata: late\n\n');
}, 60_000);

/** Clients that ask for a large answer and never read it; only writing tells them that they were given up. */
function slowReaders(): Promise<void>[] {
  return Array.from({ length: connections }, () => {
    const socket = connect(listener.port, '127.0.0.1');
    socket.pause();
    socket.once('connect', () => socket.write('GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n'));
    return new Promise((resolve) => {
      const timer = setInterval(() => socket.write('\r\n'), 500);
      const closed = (): void => {
        clearInterval(timer);
        socket.destroy();
        resolve();
      };
      socket.on('error', closed);
      socket.on('close', closed);
    });
  });
}
