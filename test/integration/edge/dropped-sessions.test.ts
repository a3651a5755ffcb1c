import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { initialize, JSON_HEADERS } from '../transports/raw-http.ts';
import { RawConnection } from './raw-connection.ts';

const holdings = z.object({
  heapBytes: z.number(),
  descriptors: z.number(),
  timers: z.number(),
  sessions: z.object({ http: z.number(), sse: z.number(), stdio: z.number() }),
});
const none = { http: 0, sse: 0, stdio: 0 };

let server: ChildProcess;
let port: number;
beforeAll(async () => {
  const script = fileURLToPath(new URL('dropped-sessions.child.ts', import.meta.url));
  server = fork(script, { execArgv: ['--expose-gc', '--import', 'tsx'] });
  const [ready]: unknown[] = await once(server, 'message');
  port = z.object({ port: z.number() }).parse(ready).port;
});
afterAll(() => {
  server.disconnect();
});

async function holds(): Promise<z.output<typeof holdings>> {
  const answer = once(server, 'message');
  server.send('holds?');
  return holdings.parse((await answer)[0]);
}

/** Opens sessions and streams and hangs up on them, one way or the other, without a word. */
async function openAndDrop(count: number): Promise<void> {
  let left = count;
  const body = JSON.stringify(initialize());
  const client = async (): Promise<void> => {
    const connection = new RawConnection(port);
    while (left > 0) {
      const turn = left--;
      const opened = await connection.ask('POST', '/mcp', JSON_HEADERS, body);
      expect(opened.status).toBe(200);
      const id = /mcp-session-id: (\S+)/.exec(opened.head)?.[1] ?? '';
      // Each tenth also listens when it is cut, and opens a stream of the older transport.
      if (turn % 10 === 0) {
        const headers = { accept: 'text/event-stream', 'mcp-session-id': id };
        expect((await connection.ask('GET', '/mcp', headers)).status).toBe(200);
        expect((await connection.ask('GET', '/sse', headers)).status).toBe(200);
      }
      connection.close(turn % 2 === 0);
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
}

it.runIf(existsSync('/proc/self/fd'))(
  '10,000 sessions opened and dropped leave nothing once they have expired',
  async () => {
    await openAndDrop(500);
    await expect.poll(async () => (await holds()).sessions, { timeout: 30_000, interval: 300 }).toEqual(none);
    const before = await holds();
    await openAndDrop(10_000);
    await expect.poll(async () => (await holds()).sessions, { timeout: 30_000, interval: 300 }).toEqual(none);
    await expect
      .poll(async () => (await holds()).descriptors, { timeout: 15_000, interval: 300 })
      .toBeLessThanOrEqual(before.descriptors + 2);
    const after = await holds();
    expect(after.heapBytes).toBeLessThan(before.heapBytes + 10 * 1024 * 1024);
    expect(after.timers).toBeLessThanOrEqual(before.timers + 2);
  },
  180_000,
);
