import { expect, it } from 'vitest';
import { fullAccess } from '../../../src/companies/principal.ts';
import { fittingDomains, readTools } from '../../../src/gateway/library/query-context.ts';
import { mountTable } from '../../../src/gateway/mount/mount-table.ts';
import type { MountedServer } from '../../../src/gateway/upstreams/upstream-registry.ts';
import { mountedOffers } from '../../../src/house/model-offers.ts';
import { createToolBox } from '../../../src/hub/orchestration/tool-box.ts';
import { RecordingRegistry } from '../gateway/mount/open-mount.ts';

/** By priority, as a registry has them. */
const { servers } = new RecordingRegistry([
  { id: 'b', domains: ['sales', 'orders'], tools: ['find', 'count'], priority: 5 },
  { id: 'a', domains: ['sales', 'transactions', 'orders'], tools: ['find'], priority: 10 },
  { id: 'c', domains: ['people', 'orders'], tools: ['lookup'], priority: 20 },
  { id: 'd', domains: ['freight'], tools: ['quote'], priority: 30 },
]);

function offered(prompt: string, mounted: readonly MountedServer[] = servers): string[] {
  const none = () => {
    throw new Error('not asked for');
  };
  const box = createToolBox({
    mounting: { toolsOf: none, stateOf: none, call: none },
    serverOf: none,
    serverAt: none,
    offers: () => mountedOffers(mountTable(mounted)),
  });
  return box.fitting(prompt, fullAccess('hub-admin')).map(({ name }) => name);
}

it.each<[string, string[]]>([
  ['How many orders are there?', ['sales__find', 'sales__count', 'people__lookup']],
  ['List the transactions', ['sales__find']],
  ['All of the sales', ['sales__find', 'sales__count']],
  ['Freight, please', ['freight__quote']],
  ['Bom dia', ['sales__find', 'sales__count', 'people__lookup', 'freight__quote']],
])('a server is offered when any of its domains fits, each tool once, best priority first: %s', (prompt, names) => {
  expect(offered(prompt)).toEqual(names);
});

it.each(['orders', 'transactions', 'sales', 'people', 'freight', 'quote', 'lookup', 'nothing'])(
  'what fits is what the library takes: %s',
  (prompt) => {
    const taken = readTools(fittingDomains(prompt, servers), servers);
    expect(new Set(offered(prompt))).toEqual(new Set(taken.keys()));
  },
);

it('a server that is down is not offered, and its tools are while another has them', () => {
  const down = servers.map((one): MountedServer => (one.id === 'b' ? { ...one, state: 'down' } : one));
  expect(offered('orders', down)).toEqual(['sales__find', 'people__lookup']);
});
