import { EventEmitter, once } from 'node:events';
import { expect, it } from 'vitest';
import { followLines } from '../../../src/hub/live/follow-lines.ts';
import { liveEvents } from '../../../src/hub/live/live-state.ts';
import { readEvents } from '../../../src/hub/page/event-stream.ts';

it('tells a source again only when it says something else, all of a burst at once', async () => {
  const told = new EventEmitter();
  let servers = 0;
  const abort = new AbortController();
  const stream = liveEvents(
    {
      sources: { servers: async () => ({ servers }), house: () => ({ status: 'ok' }) },
      onChange: (listener) => {
        told.on('change', listener);
        told.emit('listening');
        return () => told.off('change', listener);
      },
      everyMs: 3_600_000,
    },
    abort.signal,
  );
  const listening = once(told, 'listening');
  expect((await stream.next()).value).toEqual({ event: 'servers', data: { servers: 0 } });
  await listening;
  expect((await stream.next()).value).toEqual({ event: 'house', data: { status: 'ok' } });
  const next = stream.next();
  for (servers = 1; servers < 5; servers += 1) told.emit('change');
  expect((await next).value).toEqual({ event: 'servers', data: { servers: 5 } });
  const last = stream.next();
  abort.abort();
  expect(await last).toMatchObject({ done: true });
  expect(told.listenerCount('change')).toBe(0);
});

it('a change while it is being told is told next, not lost', async () => {
  const told = new EventEmitter();
  let count = 0;
  const abort = new AbortController();
  const onChange = (listener: () => void) => {
    told.on('change', listener);
    return () => told.off('change', listener);
  };
  const stream = liveEvents({ sources: { count: () => count }, onChange, everyMs: 3_600_000 }, abort.signal);
  await stream.next();
  // The generator stands at its yield: nobody is waiting for a change yet.
  count = 1;
  told.emit('change');
  expect((await stream.next()).value).toEqual({ event: 'count', data: 1 });
  abort.abort();
});

it('reads events however their bytes are cut, and passes over comments', async () => {
  const bytes = new TextEncoder().encode(': \n\nevent: a\ndata: {"ção":1}\n\n: \n\nevent: b\ndata: 2\n\n');
  for (const size of [1, 2, 7, bytes.length]) {
    const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
      bytes.slice(at * size, (at + 1) * size),
    );
    const seen = [];
    for await (const event of readEvents(ReadableStream.from(pieces))) seen.push(event);
    expect(seen).toEqual([
      { event: 'a', data: '{"ção":1}' },
      { event: 'b', data: '2' },
    ]);
  }
});

it('ends as soon as its client has left, also while something is asked that never answers', async () => {
  for (const events of [
    (read: () => Promise<string[]>, signal: AbortSignal) => followLines(read, signal),
    (read: () => Promise<string[]>, signal: AbortSignal) =>
      liveEvents({ sources: { servers: read }, onChange: () => () => {} }, signal),
  ]) {
    const abort = new AbortController();
    let asked = 0;
    const hangs = (): Promise<string[]> => {
      asked += 1;
      return new Promise(() => {});
    };
    const next = events(hangs, abort.signal).next();
    expect(asked).toBe(1);
    abort.abort();
    expect(await next).toMatchObject({ done: true });
  }
});

it('says nothing to a client that left while it was asked', async () => {
  const abort = new AbortController();
  const stream = followLines(async () => {
    abort.abort();
    return ['a line'];
  }, abort.signal);
  expect(await stream.next()).toMatchObject({ done: true });
});
