import { expect, it, vi } from 'vitest';
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
function open(capabilities: object) {
  const streams: unknown[] = [];
  const request = (_method: string, params: object, options: LinkRequestOptions): Promise<string> => {
    const { signal } = options;
    const { notifications } = Object.assign({ notifications: {} }, params);
    streams.push(notifications);
    if (JSON.stringify(notifications).includes('bad:')) return Promise.reject(new UpstreamAnswerError(-32602, 'no'));
    const asked: readonly string[] = Object.assign({ resourceSubscriptions: [] }, notifications).resourceSubscriptions;
    const resourceSubscriptions = asked.filter((uri) => !uri.startsWith('deaf:'));
    const taken = { notifications: { resourceSubscriptions } };
    queueMicrotask(() => options.onNotification?.('notifications/subscriptions/acknowledged', taken));
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('over'))));
  };
  const changes = new ListChanges(request, info(capabilities), () => {});
  let ended = false;
  const subscribe = (uri: string) => changes.serve('resources/subscribe', { uri }, { timeoutMs: 30_000 });
  const unsubscribe = (uri: string) => changes.serve('resources/unsubscribe', { uri }, { timeoutMs: 30_000 });
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
  const asked = await Promise.allSettled(['note:a', 'bad:b', 'note:c'].map(subscribe));
  expect(asked.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(streams.at(-1)).toEqual({ resourceSubscriptions: ['note:a', 'note:c'] });
  const waiting = subscribe('note:d');
  changes.stop();
  await expect(waiting).rejects.toBeInstanceOf(UpstreamGoneError);
  await run;
});
