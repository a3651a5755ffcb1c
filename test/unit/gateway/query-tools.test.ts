import { expect, it } from 'vitest';
import { readTools } from '../../../src/gateway/library/query-context.ts';
import { EMPTY_OFFER } from '../../../src/gateway/upstreams/offer.ts';
import type { MountedServer } from '../../../src/gateway/upstreams/upstream-registry.ts';
import { httpServer } from '../../support/gateway-house.ts';

function server(
  id: string,
  domains: readonly [string, ...string[]],
  argument: string,
  readOnlyHint = true,
): MountedServer {
  const config = { ...httpServer(id, 'http://127.0.0.1:1/mcp'), domains };
  const inputSchema = { type: 'object' as const, properties: { [argument]: { type: 'string' } } };
  const tools = [{ name: 'find', inputSchema, annotations: { readOnlyHint } }];
  const offer = { ...EMPTY_OFFER, tools };
  return { id, name: id, config, state: 'connected', offer, held: [], problem: undefined, lastConnected: undefined };
}

it('a model is shown the arguments of the very servers that are asked', () => {
  // The better one is of the other domain first, and its tool of the same name wants something else.
  const servers = [server('better', ['stock', 'sales'], 'sku'), server('owner', ['sales'], 'customer')];
  const tools = readTools(['sales', 'stock'], servers);
  const shown = [...tools].map(([name, { tool, candidates }]) => [
    name,
    Object.keys(Object(tool.inputSchema['properties'])),
    candidates.map((one) => one.server),
  ]);
  expect(shown).toEqual([
    ['stock__find', ['sku'], ['better']],
    ['sales__find', ['customer'], ['owner']],
  ]);
});

it('nothing of other domains, and nothing that one of its servers may write with', () => {
  const servers = [server('a', ['sales'], 'id'), server('b', ['sales'], 'id', false), server('c', ['stock'], 'id')];
  expect([...readTools(['sales'], servers).keys()]).toEqual([]);
  expect([...readTools(['stock'], servers).keys()]).toEqual(['stock__find']);
});
