import { expect, it, vi } from 'vitest';
import type { LinkRequestOptions } from '../../../../src/gateway/links/link.ts';
import { UpstreamAnswerError } from '../../../../src/gateway/links/link-errors.ts';
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
  const request = (_method: string, params: object, { signal }: LinkRequestOptions): Promise<string> => {
    const { notifications } = Object.assign({ notifications: {} }, params);
    streams.push(notifications);
    if (JSON.stringify(notifications).includes('bad:')) return Promise.reject(new UpstreamAnswerError(-32602, 'no'));
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('over'))));
  };
  const changes = new ListChanges(request, info(capabilities), () => {});
  let ended = false;
  const run = changes.run().then(() => {
    ended = true;
  });
  return { streams, changes, run, ended: () => ended };
}

const LISTS = { toolsListChanged: true };

it('one resource that the server refuses takes nothing from what else is listened to', async () => {
  const { streams, changes, run, ended } = open({ tools: { listChanged: true } });
  await vi.waitFor(() => expect(streams).toEqual([LISTS]));
  changes.serve('resources/subscribe', { uri: 'bad:a' });
  await vi.waitFor(() => expect(streams.slice(1)).toEqual([{ ...LISTS, resourceSubscriptions: ['bad:a'] }, LISTS]));
  changes.serve('resources/unsubscribe', { uri: 'bad:a' });
  changes.serve('resources/subscribe', { uri: 'note:b' });
  await vi.waitFor(() => expect(streams.at(-1)).toEqual({ ...LISTS, resourceSubscriptions: ['note:b'] }));
  expect(ended()).toBe(false);
  changes.stop();
  await run;
});

it('a server without lists that refuses one resource is asked again when they are others, and not before', async () => {
  const { streams, changes, run, ended } = open({ resources: { subscribe: true } });
  changes.serve('resources/subscribe', { uri: 'bad:a' });
  await vi.waitFor(() => expect(streams).toEqual([{ resourceSubscriptions: ['bad:a'] }]));
  changes.serve('resources/unsubscribe', { uri: 'bad:a' });
  changes.serve('resources/subscribe', { uri: 'note:b' });
  await vi.waitFor(() => expect(streams.slice(1)).toEqual([{ resourceSubscriptions: ['note:b'] }]));
  expect(ended()).toBe(false);
  changes.stop();
  await run;
});

it('ends with a server that has no such stream at all', async () => {
  const request = () => Promise.reject(new UpstreamAnswerError(-32601, 'Method not found'));
  await new ListChanges(request, info({ tools: { listChanged: true } }), () => {}).run();
});
