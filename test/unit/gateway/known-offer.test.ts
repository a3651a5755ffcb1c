import { expect, it, vi } from 'vitest';
import type { Link, NotificationListener } from '../../../src/gateway/links/link.ts';
import { UpstreamTimeoutError } from '../../../src/gateway/links/link-errors.ts';
import { KnownOffer } from '../../../src/gateway/upstreams/known-offer.ts';
import { EMPTY_OFFER } from '../../../src/gateway/upstreams/offer.ts';
import { httpServer } from '../../support/gateway-house.ts';

/** Tells of a change whenever its list is read, for as long as `restless`. */
function restlessLink(restless: () => boolean): { link: Link; tell: () => void } {
  let hear: NotificationListener = () => {};
  const tell = (): void => hear('notifications/tools/list_changed', {});
  const link: Link = {
    info: {
      era: 'legacy',
      protocolVersion: '2025-11-25',
      serverInfo: { name: 's', version: '1' },
      capabilities: { tools: { listChanged: true } },
      stateful: false,
    },
    request: async () => {
      if (restless()) tell();
      return '{"tools":[]}';
    },
    notify: () => {},
    onNotification: (listener) => {
      hear = listener;
      return () => {};
    },
    closed: new Promise(() => {}),
    close: async () => {},
  };
  return { link, tell };
}

it('a server that tells of changes without end is read less and less often, until it is quiet', async () => {
  const stop = new AbortController();
  const waits: number[] = [];
  let now = 0;
  const { link, tell } = restlessLink(() => waits.length < 12);
  const owner = { config: httpServer('s', 'http://127.0.0.1/mcp'), link, judged: () => {}, suspect: () => {} };
  const known = new KnownOffer(owner, undefined, stop.signal, {
    pause: async (ms) => {
      waits.push(ms);
      now += ms;
    },
    now: () => now,
  });
  known.listenTo(link);
  await known.take({ offer: EMPTY_OFFER, problems: [] });
  tell();
  await expect.poll(() => waits.length).toBe(12);
  expect(waits).toEqual([50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000, 10_000, 10_000]);
  // Another one at once is made to wait as well; after a while without any it is not.
  await known.reread(stop.signal);
  tell();
  await expect.poll(() => waits.slice(12)).toEqual([10_000]);
  await known.reread(stop.signal);
  now += 60_000;
  tell();
  await expect.poll(() => waits.slice(13)).toEqual([50]);
  stop.abort();
});

it('what is announced while the first lists are read is read after them, and no call passes before', async () => {
  const stop = new AbortController();
  const pauses: (() => void)[] = [];
  const { link, tell } = restlessLink(() => false);
  const request = vi.fn(link.request);
  const shared: Link = { ...link, request };
  const owner = { config: httpServer('s', 'http://127.0.0.1/mcp'), link: shared, judged: () => {}, suspect: () => {} };
  const pause = () => new Promise<void>((resolve) => pauses.push(resolve));
  const known = new KnownOffer(owner, undefined, stop.signal, { pause, now: () => 0 });
  known.listenTo(shared);
  tell();
  const due = known.listed(shared);
  expect(due).toBeInstanceOf(Promise);
  expect(pauses).toEqual([]);
  await known.take({ offer: EMPTY_OFFER, problems: [] });
  expect(request).not.toHaveBeenCalled();
  for (const go of pauses) go();
  await due;
  expect(request.mock.calls.map(([method]) => method)).toEqual(['tools/list']);
  stop.abort();
});

it('a conversation that ends before its new lists are read is read no more', async () => {
  const { link, tell } = restlessLink(() => false);
  const request = vi.fn(link.request);
  const shared: Link = { ...link, request };
  const owner = { config: httpServer('s', 'http://127.0.0.1/mcp'), link: shared, judged: () => {}, suspect: () => {} };
  const stop = new AbortController();
  const pause = () => new Promise<void>((resolve) => setImmediate(resolve));
  const known = new KnownOffer(owner, undefined, stop.signal, { pause, now: () => 0 });
  known.listenTo(shared);
  await known.take({ offer: EMPTY_OFFER, problems: [] });
  tell();
  known.listenTo({ ...shared });
  await pause();
  await pause();
  expect(request).not.toHaveBeenCalled();
  stop.abort();
});

it('a lock file that changes while a server is being connected does not make it one with nothing to offer', async () => {
  const told: number[] = [];
  const known: KnownOffer = new KnownOffer(
    {
      config: httpServer('s', 'http://127.0.0.1/mcp'),
      link: undefined,
      judged: () => told.push(known.now.tools.length),
      suspect: () => {},
    },
    undefined,
    new AbortController().signal,
  );
  const early = known.rescreen();
  const offer = { ...EMPTY_OFFER, tools: [{ name: 'a', inputSchema: { type: 'object' as const } }] };
  await Promise.all([early, known.take({ offer, problems: [] })]);
  await known.rescreen();
  expect(told).toEqual([1, 1]);
});

it('tools that are announced and not listed are waited for, told of, and asked for again until they are', async () => {
  const told: (readonly string[])[] = [];
  const waits: number[] = [];
  const stop = new AbortController();
  let broken = false;
  const { link, tell } = restlessLink(() => false);
  const request = async () => {
    if (broken) throw new UpstreamTimeoutError('late', { sent: true });
    return '{"tools":[]}';
  };
  const shared: Link = { ...link, request };
  const owner = {
    config: httpServer('s', 'http://127.0.0.1/mcp'),
    link: shared,
    judged: (problems: readonly string[]) => told.push(problems),
    suspect: () => {},
  };
  const pause = async (ms: number): Promise<void> => {
    waits.push(ms);
    await new Promise((resolve) => setImmediate(resolve));
    if (waits.length === 5) broken = false;
  };
  const known = new KnownOffer(owner, undefined, stop.signal, { pause, now: () => 0 });
  known.listenTo(shared);
  await known.take({ offer: EMPTY_OFFER, problems: [] });
  expect(known.listed(shared)).toBeUndefined();
  broken = true;
  tell();
  expect(known.listed(shared)).toBeInstanceOf(Promise);
  await known.listed(shared);
  expect(waits).toEqual([50, 100, 200, 400, 800]);
  expect(known.listed(shared)).toBeUndefined();
  expect(told.map((problems) => problems.length)).toEqual([0, 1, 0]);
  expect(told[1]?.[0]).toMatch(/não as envia/);
  // A new connection: nobody waits for what the old one announced.
  broken = true;
  tell();
  const waiting = known.listed(shared);
  known.listenTo({ ...link, request });
  await waiting;
  stop.abort();
});
