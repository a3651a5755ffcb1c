import { expect, it, vi } from 'vitest';
import type { Link } from '../../../src/gateway/links/link.ts';
import { forwardCall } from '../../../src/gateway/upstreams/forward-call.ts';
import { CLIENT_CAPABILITIES } from '../../../src/gateway/upstreams/registry.ts';
import { RequestSlots } from '../../../src/gateway/upstreams/request-slots.ts';
import { ResourceWatches } from '../../../src/gateway/upstreams/resource-watches.ts';
import { leave } from '../../../src/gateway/upstreams/take-over.ts';
import { Upstream } from '../../../src/gateway/upstreams/upstream.ts';
import { forwarding, httpServer } from '../../support/gateway-house.ts';
import { silent } from '../../support/upstreams.ts';

const parts = {
  logger: silent,
  baseEnvironment: {},
  clientInfo: { name: 'test', version: '1' },
  clientCapabilities: CLIENT_CAPABILITIES,
  opening: new RequestSlots(1),
};

const link: Link = {
  info: {
    era: 'legacy',
    protocolVersion: '2025-11-25',
    serverInfo: { name: 's', version: '1' },
    capabilities: { resources: { subscribe: true } },
    stateful: true,
  },
  request: async () => '{}',
  notify: () => {},
  onNotification: () => () => {},
  closed: new Promise(() => {}),
  close: async () => {},
};

it('a call that breaks before anybody is asked holds up no server that has to go', async () => {
  const config = httpServer('a', 'http://127.0.0.1:9/mcp');
  const limits = { maxRetries: 0, maxConnections: 1 };
  const upstream = new Upstream(config, limits, parts, () => {}, new ResourceWatches(() => {}));
  const broken = {
    name: 't',
    get server(): string {
      throw new Error('broken');
    },
  };
  const call = {
    candidates: [{ server: 'a', name: 't' }, broken],
    method: 'tools/call' as const,
    paramsFor: () => ({}),
    options: { readOnly: true },
    context: forwarding(),
  };
  await expect(forwardCall(new Map([['a', upstream]]), call, silent)).rejects.toThrow('broken');
  await leave(upstream, new AbortController().signal);
}, 8_000);

it('what becomes of a server that was taken over is told to nobody, and takes no watch from the one in its place', async () => {
  const watches = new ResourceWatches(() => {});
  const changed = vi.fn();
  const config = httpServer('a', 'http://127.0.0.1:9/mcp');
  const old = new Upstream(config, { maxRetries: 0, maxConnections: 1 }, parts, changed, watches);
  watches.over(link);
  old.calls.begin();
  const end = new AbortController();
  const left = leave(old, end.signal);
  old.lost(new Error('gone'));
  expect(changed).not.toHaveBeenCalled();
  await expect(watches.add('note:a')).resolves.toBeUndefined();
  // It has a call: only the end of everything is not waited for.
  end.abort();
  await left;
});
