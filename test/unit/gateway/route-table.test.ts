import { describe, expect, it } from 'vitest';
import { EMPTY_OFFER } from '../../../src/gateway/upstreams/offer.ts';
import { equivalentServers, explainRoute } from '../../../src/gateway/upstreams/route-table.ts';
import type { MountedServer, UpstreamState } from '../../../src/gateway/upstreams/upstream-registry.ts';
import { httpServer } from '../../support/gateway-house.ts';

function server(id: string, priority: number, state: UpstreamState, schema: object = {}): MountedServer {
  const config = httpServer(id, 'http://127.0.0.1:1/mcp', { priority });
  const offer = { ...EMPTY_OFFER, tools: [{ name: 't', inputSchema: { type: 'object' as const, ...schema } }] };
  return { id, name: id, config, state, offer, held: [], problem: undefined, lastConnected: undefined };
}

describe('the route of a tool', () => {
  it('says who is asked in which order and why', () => {
    const servers = [
      server('a', 1, 'down'),
      server('b', 2, 'connected'),
      server('c', 3, 'connected'),
      server('d', 4, 'connected'),
      server('other', 5, 'connected'),
    ];
    const candidates = ['d', 'c', 'b', 'a', 'unmounted'].map((id) => ({ server: id }));
    const steps = explainRoute(candidates, servers, 'write', (id) => id === 'b');
    expect(steps.map(({ server: id, standing, state }) => [id, standing, state])).toEqual([
      ['c', 'chosen', 'connected'],
      ['d', 'spare', 'connected'],
      ['b', 'resting', 'connected'],
      ['a', 'down', 'down'],
    ]);
    expect(steps[1]?.why).toMatch(/não chegar a sair.*recusado na entrada \(HTTP 401, 403, 404, 410\)/);
    expect(explainRoute(candidates, servers, 'read', () => false)[1]?.why).toContain('se o anterior falhar');
  });

  it('has only servers whose tool takes the same arguments, whatever the order of the keys', () => {
    const one = { properties: { id: { type: 'string' }, n: { type: 'number' } } };
    const reordered = { properties: { n: { type: 'number' }, id: { type: 'string' } } };
    const servers = [
      server('a', 1, 'connected', one),
      server('b', 2, 'connected', { properties: { id: { type: 'string' } } }),
      server('c', 3, 'connected', reordered),
    ];
    const named = (tool: string) => (server: MountedServer) => server.offer.tools.find(({ name }) => name === tool);
    expect(equivalentServers(servers, named('t')).map(({ id }) => id)).toEqual(['a', 'c']);
    expect(equivalentServers(servers, named('absent'))).toEqual([]);
  });
});
