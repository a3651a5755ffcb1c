import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { LeanConnection } from '../../../bench/load/lean-connection.ts';

let server: Server | undefined;
afterEach(() => server?.close());

/** Sends one of these for each request, piece by piece. */
async function serve(answers: readonly (readonly string[])[]): Promise<string> {
  let next = 0;
  server = createServer((socket) => {
    socket.on('data', async () => {
      const pieces = answers[next] ?? [];
      next += 1;
      for (const piece of pieces) {
        await new Promise((resolve) => socket.write(piece, resolve));
        await new Promise(setImmediate);
      }
      if (pieces.length === 0) socket.destroy();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

describe('the connection of the load generator', () => {
  it('reads answers with a length and in chunks, whole or in pieces', async () => {
    const head = 'HTTP/1.1 200 OK\r\nMcp-Session-Id: s-1\r\nContent-Length: 4\r\n\r\n';
    const origin = await serve([
      [`${head}ab\r\n`],
      [head.slice(0, 30), head.slice(30), 'cd', 'ef'],
      ['HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n', '3\r\nabc\r\n', '2\r\nde\r\n0\r\n\r\n'],
    ]);
    const connection = new LeanConnection(origin, '/mcp');
    const ask = async () => {
      const { status, sessionId, body } = await connection.post(connection.head({ accept: '*/*' }), '{}');
      return [status, sessionId, body.toString()];
    };
    expect(await ask()).toEqual([200, 's-1', 'ab\r\n']);
    expect(await ask()).toEqual([200, 's-1', 'cdef']);
    expect(await ask()).toEqual([404, undefined, 'abcde']);
    connection.close();
  });

  it('fails the request when the server hangs up', async () => {
    const origin = await serve([[]]);
    const connection = new LeanConnection(origin, '/mcp');
    await expect(connection.post(connection.head({}), '{}')).rejects.toThrow();
    connection.close();
  });
});
