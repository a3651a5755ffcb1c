import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { sendEvents } from '../../../src/hub/api/send-events.ts';

it('who does not read is sent no more than fits, and whoever leaves then is let go', async () => {
  // Nobody has taken a byte of it yet.
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  let asked = 0;
  let ended = false;
  async function* events() {
    try {
      for (; asked < 2_000; asked += 1) yield { event: 'servers', data: 'x'.repeat(4_096) };
    } finally {
      ended = true;
    }
  }
  const sending = sendEvents(res, events(), { requestId: 'r', scrub: (text) => text });
  for (let turns = 0; turns < 100; turns += 1) await turn();
  expect(asked).toBeGreaterThan(0);
  expect(asked).toBeLessThan(100);
  expect(ended).toBe(false);
  res.destroy();
  // As its connection tells it.
  res.emit('close');
  await sending;
  expect([ended, res.listenerCount('drain'), asked < 100]).toEqual([true, 0, true]);
});

it('who stops reading is given up after a while, and so is what is sent to them', async () => {
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  let ended = false;
  async function* events() {
    try {
      for (;;) yield { event: 'step', data: 'x'.repeat(65_536) };
    } finally {
      ended = true;
    }
  }
  await sendEvents(res, events(), { requestId: 'r', scrub: (text) => text, takenMs: 20 });
  expect([ended, res.destroyed, res.listenerCount('drain')]).toEqual([true, true, 0]);
});

it('nothing keeps the connection of one alive who does not read, and it is kept alive again when they do', async () => {
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  const write = vi.spyOn(res, 'write');
  let isFull = true;
  vi.spyOn(res, 'writableNeedDrain', 'get').mockImplementation(() => isFull);
  const comments = (): number => write.mock.calls.filter(([chunk]) => chunk === ': \n\n').length;
  let looked = 0;
  let end = (): void => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  async function* events() {
    yield { event: 'step', data: 1 };
    await over;
  }
  vi.useFakeTimers();
  try {
    const sending = sendEvents(res, events(), { requestId: 'r', scrub: (text) => text, keepAliveMs: 1_000 });
    await vi.advanceTimersByTimeAsync(5_000);
    looked = comments();
    isFull = false;
    await vi.advanceTimersByTimeAsync(2_000);
    end();
    await sending;
  } finally {
    vi.useRealTimers();
  }
  expect([looked, comments()]).toEqual([0, 2]);
});

it('who reads a long event slowly is sent all of it, and who stops in the middle is not waited for', async () => {
  const bytesPerMs = 100;
  let mayTake = Number.POSITIVE_INFINITY;
  let took = 0;
  let last = '';
  /** A client that takes its time for every byte, and may stop. */
  const client = () =>
    new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, next) {
        if (took + chunk.length > mayTake) return;
        took += chunk.length;
        last = chunk.toString().slice(0, 9);
        setTimeout(next, chunk.length / bytesPerMs);
      },
    });
  const server = createServer();
  const request = async (): Promise<ServerResponse> => {
    const socket = client();
    server.emit('connection', socket);
    const requested = once(server, 'request');
    socket.push('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    const [, res] = await requested;
    if (res instanceof ServerResponse) return res;
    throw new Error('no response');
  };
  async function* events() {
    yield { event: 'step', data: 'x'.repeat(1_000_000) };
  }
  const options = { requestId: 'r', scrub: (text: string) => text, takenMs: 2_000 };
  const [slow, stopped] = [await request(), await request()];
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  try {
    // All of it takes five times as long as anybody is waited for.
    const sent = sendEvents(slow, events(), options);
    await vi.advanceTimersByTimeAsync(20_000);
    await sent;
    expect([took > 1_000_000, last]).toEqual([true, '0\r\n\r\n']);
    took = 0;
    mayTake = 500_000;
    const given = sendEvents(stopped, events(), options);
    await vi.advanceTimersByTimeAsync(20_000);
    await given;
    expect([stopped.destroyed, took > 400_000, took <= mayTake]).toEqual([true, true, true]);
  } finally {
    vi.useRealTimers();
  }
});

it('work that takes long before its first event is waited for no longer than a proxy waits', async () => {
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  let end = (): void => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  async function* events() {
    await over;
    yield { event: 'step', data: 1 };
  }
  vi.useFakeTimers();
  try {
    const sending = sendEvents(res, events(), {
      requestId: 'r',
      scrub: (text) => text,
      keepAliveMs: 1_000,
      ofWork: true,
    });
    await vi.advanceTimersByTimeAsync(900);
    expect(res.headersSent).toBe(false);
    await vi.advanceTimersByTimeAsync(200);
    expect([res.headersSent, res.statusCode]).toEqual([true, 200]);
    end();
    await sending;
  } finally {
    vi.useRealTimers();
  }
});

it('work is listened to until its end, also when nobody is left, and what it ends with is thrown', async () => {
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  const seen: number[] = [];
  async function* events() {
    for (const data of [1, 2]) {
      seen.push(data);
      yield { event: 'step', data };
      res.destroy();
    }
    throw new Error('left');
  }
  const options = { requestId: 'r', scrub: (text: string) => text, ofWork: true };
  await expect(sendEvents(res, events(), options)).rejects.toThrow('left');
  expect(seen).toEqual([1, 2]);
});
