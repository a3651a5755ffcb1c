import { afterEach, expect, it, vi } from 'vitest';
import type { Link } from '../../../src/gateway/links/link.ts';
import { UpstreamFloodError, UpstreamGoneError } from '../../../src/gateway/links/link-errors.ts';
import { KeptLink } from '../../../src/gateway/upstreams/kept-link.ts';
import { RequestSlots } from '../../../src/gateway/upstreams/request-slots.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** How often it waited before it opened again, for a link that held long and was lost for this reason, twice. */
async function waits(reason: Error): Promise<number> {
  // Every look at the clock finds it ten seconds later: each link held long.
  let now = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => (now += 10_000));
  const stop = new AbortController();
  let opened = 0;
  let waited = 0;
  const link: Link = {
    info: {
      era: 'legacy',
      protocolVersion: '2025-11-25',
      serverInfo: { name: 's', version: '1' },
      capabilities: {},
      stateful: true,
    },
    closed: Promise.resolve(reason),
    request: () => Promise.reject(new Error('nothing is asked')),
    notify: () => {},
    onNotification: () => () => {},
    close: async () => {},
  };
  const open = async (): Promise<Link> => {
    opened += 1;
    if (opened === 3) stop.abort();
    return link;
  };
  const random = (): number => {
    waited += 1;
    return 0;
  };
  const parts = { opener: { open }, opening: new RequestSlots(1), timeoutMs: () => 1_000, stop: stop.signal, random };
  const watcher = { met: () => {}, opened: async () => {}, connected: () => {}, failed: () => {}, lost: () => {} };
  await new KeptLink(parts, watcher).run();
  return waited;
}

it('a server that had to be cut off is not started again without pause, however long it held', async () => {
  expect(await waits(new UpstreamGoneError('ended', { sent: true }))).toBe(0);
  expect(await waits(new UpstreamFloodError('flood', { sent: true }))).toBe(2);
});
