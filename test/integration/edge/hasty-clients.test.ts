import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { HastyClients } from '../../../src/http/hasty-clients.ts';
import { fullLine } from './full-line.ts';
import { type Edge, openEdge } from './open-edge.ts';

/** Connections that are not read, by when they are read again; nothing happens by itself. */
class Pauses {
  readonly waiting: { ms: number; then: () => void }[] = [];
  readonly after = (ms: number, then: () => void): (() => void) => {
    this.waiting.push({ ms, then });
    return () => {};
  };
  endAll(): void {
    for (const { then } of this.waiting.splice(0)) then();
  }
  get ms(): number[] {
    return this.waiting.map((pause) => pause.ms);
  }
}

let edge: Edge;
let turnedAway: Set<Socket>;
let pauses: Pauses;
let nowMs: number;
const sockets: Socket[] = [];

beforeEach(async () => {
  pauses = new Pauses();
  nowMs = 0;
  turnedAway = new Set();
  const hasty = new HastyClients({ now: () => nowMs, after: pauses.after, random: () => 0.5 });
  const refuse = hasty.refuse.bind(hasty);
  hasty.refuse = (req) => {
    turnedAway.add(req.socket);
    return refuse(req);
  };
  edge = await openEdge({ line: fullLine(), hasty });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  await edge.close();
});

/** A client that keeps its connection. */
function client(headers = '') {
  const socket = connect(edge.port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.on('data', (chunk) => {
    text += String(chunk);
  });
  const retryAfter = (): number[] => [...text.matchAll(/^retry-after: (\d+)/gim)].map((match) => Number(match[1]));
  return {
    send: (path = '/tools', times = 1) =>
      socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n${headers}\r\n`.repeat(times)),
    retryAfter,
    /** Until so many were answered. */
    answered: (count: number) => vi.waitFor(() => expect(retryAfter()).toHaveLength(count), { timeout: 10_000 }),
    statuses: () => [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map((match) => Number(match[1])),
  };
}

/** What was sent before this has reached the server, and been read if it is read at all. */
async function afterOthersWereServed(): Promise<void> {
  for (let n = 0; n < 5; n += 1) expect((await edge.ask('GET', '/health')).status).toBe(200);
}

it('does not read on where somebody was turned away, until its time is over', async () => {
  const hasty = client();
  hasty.send();
  await hasty.answered(1);
  hasty.send();
  await afterOthersWereServed();
  expect(hasty.retryAfter()).toEqual([1]);
  expect(edge.refused).toHaveLength(1);
  pauses.endAll();
  await hasty.answered(2);
});

it('does not count as idle what it did not read: that time begins when it is read again', async () => {
  const hasty = client();
  hasty.send();
  await hasty.answered(1);
  const [socket] = turnedAway;
  if (socket === undefined) throw new Error('nobody was turned away');
  await vi.waitFor(() => expect(socket.isPaused()).toBe(true), { timeout: 10_000 });
  const idleMs = socket.timeout;
  expect(idleMs).toBeGreaterThanOrEqual(10_000);
  const begun = vi.spyOn(socket, 'setTimeout');
  pauses.endAll();
  expect(begun.mock.calls).toEqual([[idleMs]]);
  // One with an answer still to come has no such time, and gets none.
  socket.setTimeout(0);
  hasty.send();
  await hasty.answered(2);
  await vi.waitFor(() => expect(socket.isPaused()).toBe(true), { timeout: 10_000 });
  socket.setTimeout(0);
  begun.mockClear();
  pauses.endAll();
  expect(begun).not.toHaveBeenCalled();
});

it('tells twice as long with each further refusal, and less again after a good while', async () => {
  const hasty = client();
  const pausedFor: number[] = [];
  for (const [at, count] of [0, 1_000, 3_000, 7_000, 15_000, 36_000].entries()) {
    nowMs = count;
    hasty.send();
    await hasty.answered(at + 1);
    pausedFor.push(...pauses.ms);
    pauses.endAll();
  }
  expect(hasty.retryAfter()).toEqual([1, 2, 4, 8, 8, 1]);
  // Shorter than what was told: who waits as told is not held up.
  expect(pausedFor).toEqual([750, 1_500, 3_000, 6_000, 6_000, 750]);
});

it('turns away together what was sent in one go', async () => {
  const hasty = client();
  hasty.send('/tools', 3);
  await hasty.answered(3);
  expect(hasty.retryAfter()).toEqual([1, 1, 1]);
  expect(pauses.ms).toEqual([750]);
});

it.each(['x-forwarded-for: 198.51.100.7', 'forwarded: for=198.51.100.7', 'via: 1.1 proxy'])(
  'always reads a connection that carries requests of others: %s',
  async (header) => {
    const proxy = client(`${header}\r\n`);
    for (let n = 1; n <= 3; n += 1) {
      proxy.send();
      await proxy.answered(n);
    }
    expect(proxy.retryAfter()).toEqual([1, 1, 1]);
    expect(pauses.waiting).toEqual([]);
  },
);

it('reads all of them again when the server is about to leave', async () => {
  const hasty = client();
  hasty.send();
  await hasty.answered(1);
  hasty.send();
  await afterOthersWereServed();
  expect(hasty.retryAfter()).toHaveLength(1);
  edge.leave();
  await hasty.answered(2);
  hasty.send('/health');
  await vi.waitFor(() => expect(hasty.statuses()).toEqual([503, 503, 200]), { timeout: 10_000 });
});
