import { expect, it, vi } from 'vitest';
import type { Link, NotificationListener } from '../../../src/gateway/links/link.ts';
import { ResourceWatches } from '../../../src/gateway/upstreams/resource-watches.ts';

function fakeLink(resources: object = { subscribe: true }) {
  const sent: string[] = [];
  const listeners = new Set<NotificationListener>();
  const link: Link = {
    info: {
      era: 'legacy',
      protocolVersion: '2025-11-25',
      serverInfo: { name: 's', version: '1' },
      capabilities: { resources },
      stateful: true,
    },
    request: async (method, { uri }) => {
      sent.push(`${method} ${uri}`);
      return '{}';
    },
    notify: () => {},
    onNotification: (listener) => {
      const entry: NotificationListener = (method, params) => listener(method, params);
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    closed: new Promise(() => {}),
    close: async () => {},
  };
  const update = (uri: string) => {
    for (const listener of listeners) listener('notifications/resources/updated', { uri });
  };
  return { link, sent, update };
}

it('subscribes once for however many watch, and unsubscribes with the last', async () => {
  const updated = vi.fn();
  const watches = new ResourceWatches(updated);
  const { link, sent, update } = fakeLink();
  watches.over(link);
  await Promise.all([watches.add('a'), watches.add('a'), watches.add('b')]);
  expect(sent).toEqual(['resources/subscribe a', 'resources/subscribe b']);
  update('a');
  update('nobody watches this');
  expect(updated.mock.calls).toEqual([['a']]);
  watches.remove('a');
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  watches.remove('a');
  await vi.waitFor(() => expect(sent.at(-1)).toBe('resources/unsubscribe a'));
  update('a');
  expect(updated).toHaveBeenCalledTimes(1);
});

it('subscribes again at a new connection, and takes everything for changed', async () => {
  const updated = vi.fn();
  const watches = new ResourceWatches(updated);
  watches.over(fakeLink().link);
  await watches.add('a');
  await watches.add('b');
  watches.remove('b');
  watches.over(undefined);
  const { link, sent } = fakeLink();
  watches.over(link);
  await vi.waitFor(() => expect(updated.mock.calls).toEqual([['a']]));
  expect(sent).toEqual(['resources/subscribe a']);
});

it('hears each change once, however often it is given a connection', async () => {
  const updated = vi.fn();
  const watches = new ResourceWatches(updated);
  const [one, other] = [fakeLink(), fakeLink()];
  watches.over(one.link);
  await watches.add('a');
  for (let n = 0; n < 3; n += 1) watches.over(one.link);
  one.update('a');
  expect(updated.mock.calls).toEqual([['a']]);
  expect(one.sent).toEqual(['resources/subscribe a']);
  watches.over(other.link);
  await vi.waitFor(() => expect(updated).toHaveBeenCalledTimes(2));
  one.update('a');
  watches.over(undefined);
  other.update('a');
  expect(updated).toHaveBeenCalledTimes(2);
});

it('is refused where nobody tells of changes, and by whoever refuses', async () => {
  const watches = new ResourceWatches(() => {});
  await expect(watches.add('a')).rejects.toThrow(/não avisa/);
  watches.over(fakeLink({}).link);
  await expect(watches.add('a')).rejects.toThrow(/não avisa/);
  const { link, sent } = fakeLink();
  const refusing = { ...link, request: vi.fn().mockRejectedValueOnce(new Error('no')) };
  watches.over(refusing);
  await expect(watches.add('a')).rejects.toThrow('no');
  watches.over(link);
  expect(sent).toEqual([]);
});
