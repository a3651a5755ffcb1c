import { expect, it, vi } from 'vitest';
import { CancelledError } from '../../../../src/errors.ts';
import type { LinkRequestOptions } from '../../../../src/gateway/links/link.ts';
import { UpstreamAnswerError, UpstreamGoneError } from '../../../../src/gateway/links/link-errors.ts';
import { ListChanges } from '../../../../src/gateway/links/list-changes.ts';

const info = (capabilities: object) => ({
  era: 'modern' as const,
  protocolVersion: '2026-07-28',
  serverInfo: { name: 's', version: '1' },
  capabilities: { ...capabilities },
  stateful: false,
});

/** A server that takes every stream but those with one resource. */
function open(capabilities: object, answersAfterMs = 0) {
  const streams: unknown[] = [];
  const request = (_method: string, params: object, options: LinkRequestOptions): Promise<string> => {
    const { signal } = options;
    const { notifications } = Object.assign({ notifications: {} }, params);
    streams.push(notifications);
    const answered = (then: () => void) => (answersAfterMs === 0 ? then() : void setTimeout(then, answersAfterMs));
    if (JSON.stringify(notifications).includes('bad:'))
      return new Promise((_, reject) => answered(() => reject(new UpstreamAnswerError(-32602, 'no'))));
    const asked: readonly string[] = Object.assign({ resourceSubscriptions: [] }, notifications).resourceSubscriptions;
    const resourceSubscriptions = asked.filter((uri) => !uri.startsWith('deaf:'));
    const taken = { notifications: { resourceSubscriptions } };
    const acknowledge = () => options.onNotification?.('notifications/subscriptions/acknowledged', taken);
    if (!JSON.stringify(notifications).includes('mute:'))
      queueMicrotask(() =>
        answered(() => {
          if (!signal.aborted) acknowledge();
        }),
      );
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('over'))));
  };
  const changes = new ListChanges(request, info(capabilities), () => {});
  let ended = false;
  const options = { timeoutMs: 30_000, signal: new AbortController().signal };
  const subscribe = (uri: string, more: Partial<typeof options> = {}) =>
    changes.serve('resources/subscribe', { uri }, { ...options, ...more });
  const unsubscribe = (uri: string) => changes.serve('resources/unsubscribe', { uri }, options);
  const run = changes.run().then(() => {
    ended = true;
  });
  return { streams, changes, subscribe, unsubscribe, run, ended: () => ended };
}

const LISTS = { toolsListChanged: true };

it('one resource that the server refuses takes nothing from what else is listened to', async () => {
  const { streams, changes, subscribe, unsubscribe, run, ended } = open({ tools: { listChanged: true } });
  await vi.waitFor(() => expect(streams).toEqual([LISTS]));
  await expect(subscribe('bad:a')).rejects.toMatchObject({ code: -32602, message: 'no' });
  await vi.waitFor(() => expect(streams.slice(1)).toEqual([{ ...LISTS, resourceSubscriptions: ['bad:a'] }, LISTS]));
  await unsubscribe('bad:a');
  expect(await subscribe('note:b')).toBe('{}');
  await vi.waitFor(() => expect(streams.at(-1)).toEqual({ ...LISTS, resourceSubscriptions: ['note:b'] }));
  expect(ended()).toBe(false);
  changes.stop();
  await run;
});

it('a server without lists that refuses one resource is asked again when they are others, and not before', async () => {
  const { streams, changes, subscribe, unsubscribe, run, ended } = open({ resources: { subscribe: true } });
  await expect(subscribe('bad:a')).rejects.toMatchObject({ code: -32602, message: 'no' });
  await vi.waitFor(() => expect(streams).toEqual([{ resourceSubscriptions: ['bad:a'] }]));
  await unsubscribe('bad:a');
  expect(await subscribe('note:b')).toBe('{}');
  await vi.waitFor(() => expect(streams.slice(1)).toEqual([{ resourceSubscriptions: ['note:b'] }]));
  expect(ended()).toBe(false);
  changes.stop();
  await run;
});

it('ends with a server that has no such stream at all', async () => {
  const request = () => Promise.reject(new UpstreamAnswerError(-32601, 'Method not found'));
  await new ListChanges(request, info({ tools: { listChanged: true } }), () => {}).run();
});

it('a resource that the acknowledgement leaves out is refused, and not asked for again', async () => {
  const { streams, changes, subscribe, run } = open({ tools: { listChanged: true } });
  await expect(subscribe('deaf:a')).rejects.toBeInstanceOf(UpstreamAnswerError);
  expect(await subscribe('note:b')).toBe('{}');
  expect(streams.at(-1)).toEqual({ ...LISTS, resourceSubscriptions: ['note:b'] });
  changes.stop();
  await run;
});

it('of several at once only the refused one is', async () => {
  const { streams, changes, subscribe, run } = open({ resources: { subscribe: true } });
  const asked = await Promise.allSettled(['note:a', 'bad:b', 'note:c'].map((uri) => subscribe(uri)));
  expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(streams.at(-1)).toEqual({ resourceSubscriptions: ['note:a', 'note:c'] });
  const waiting = subscribe('note:d');
  changes.stop();
  await expect(waiting).rejects.toBeInstanceOf(UpstreamGoneError);
  await run;
  // Nor does anybody wait who comes later.
  await expect(subscribe('note:e')).rejects.toBeInstanceOf(UpstreamGoneError);
});

it('each waits for the acknowledgement, and whoever gives up alone leaves it to the others', async () => {
  const { streams, changes, subscribe, run } = open({ resources: { subscribe: true } });
  const stop = new AbortController();
  const [one, two] = [subscribe('mute:a', { signal: stop.signal }), subscribe('mute:a')];
  await vi.waitFor(() => expect(streams).toEqual([{ resourceSubscriptions: ['mute:a'] }]));
  const settled = vi.fn();
  two?.then(settled, settled);
  stop.abort();
  await expect(one).rejects.toBeInstanceOf(CancelledError);
  expect(settled).not.toHaveBeenCalled();
  await expect(subscribe('note:b', { signal: AbortSignal.abort() })).rejects.toBeInstanceOf(CancelledError);
  changes.stop();
  await expect(two).rejects.toBeInstanceOf(UpstreamGoneError);
  await run;
});

it('what nobody waits for any more is not asked for any more', async () => {
  const { streams, changes, subscribe, run } = open({ tools: { listChanged: true } });
  const stop = new AbortController();
  const waiting = subscribe('mute:a', { signal: stop.signal });
  await vi.waitFor(() => expect(streams.at(-1)).toEqual({ ...LISTS, resourceSubscriptions: ['mute:a'] }));
  stop.abort();
  await expect(waiting).rejects.toBeInstanceOf(CancelledError);
  await vi.waitFor(() => expect(streams.at(-1)).toEqual(LISTS));
  changes.stop();
  await run;
});

it('the time of each begins when it is asked for, however many are asked for before it', async () => {
  vi.useFakeTimers();
  try {
    const { changes, subscribe, run } = open({ resources: { subscribe: true } }, 4_000);
    const uris = ['note:a', 'bad:b', 'mute:c', 'note:d', 'note:e', 'note:f'];
    const asked = Promise.allSettled(uris.map((uri) => subscribe(uri, { timeoutMs: 10_000 })));
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await asked).map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      ...Array.from({ length: 3 }, () => 'fulfilled'),
    ]);
    changes.stop();
    await run;
  } finally {
    vi.useRealTimers();
  }
});

it('whoever subscribes after a break waits for no pause, and all that was watched counts as changed', async () => {
  vi.useFakeTimers();
  try {
    const told: unknown[] = [];
    let streams = 0;
    const request = (_method: string, params: object, { signal, onNotification }: LinkRequestOptions) => {
      streams += 1;
      if (streams === 2) return Promise.reject(new UpstreamGoneError('gone', { sent: true }));
      const { notifications } = Object.assign({ notifications: {} }, params);
      queueMicrotask(() => onNotification?.('notifications/subscriptions/acknowledged', { notifications }));
      return new Promise<string>((_, reject) => {
        const over = () => reject(new UpstreamGoneError('over', { sent: true }));
        if (signal.aborted) over();
        signal.addEventListener('abort', over);
        if (streams === 1) breakFirst = over;
      });
    };
    let breakFirst = () => {};
    const changes = new ListChanges(request, info({ resources: { subscribe: true } }), (method, params) =>
      told.push([method, params['uri']]),
    );
    const patience = { timeoutMs: 10_000, signal: new AbortController().signal };
    const run = changes.run();
    expect(await changes.serve('resources/subscribe', { uri: 'note:a' }, patience)).toBe('{}');
    breakFirst();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(streams).toBe(2);
    // No time goes by.
    expect(await changes.serve('resources/subscribe', { uri: 'note:b' }, patience)).toBe('{}');
    expect(streams).toBe(3);
    expect(told).toContainEqual(['notifications/resources/updated', 'note:a']);
    changes.stop();
    await run;
  } finally {
    vi.useRealTimers();
  }
});

it('nobody waits without end for its turn', async () => {
  vi.useFakeTimers();
  try {
    const { changes, subscribe, run } = open({ tools: { listChanged: true } });
    const uris = ['bad:a', ...Array.from({ length: 20 }, (_, n) => `mute:${n}`)];
    const asked = Promise.allSettled(
      uris.map((uri) => subscribe(uri, { timeoutMs: 10_000, signal: new AbortController().signal })),
    );
    await vi.advanceTimersByTimeAsync(60_000);
    expect((await asked).every(({ status }) => status === 'rejected')).toBe(true);
    changes.stop();
    await run;
  } finally {
    vi.useRealTimers();
  }
});
