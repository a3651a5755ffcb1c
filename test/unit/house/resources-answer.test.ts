import { expect, it } from 'vitest';
import type { GatheredServer } from '../../../src/gateway/resources/gather.ts';
import type { MountedServer } from '../../../src/gateway/upstreams/upstream-registry.ts';
import { resourcesAnswer } from '../../../src/house/resources-answer.ts';
import { RecordingRegistry } from '../gateway/mount/open-mount.ts';

const named = (names: Readonly<Record<string, string>>): MountedServer[] =>
  new RecordingRegistry(Object.keys(names).map((id) => ({ id, domains: ['sales'], tools: [] }))).servers.map((one) => ({
    ...one,
    name: names[one.id] ?? '',
  }));
const gathered = (name: string): GatheredServer => ({
  name,
  priority: 10,
  domains: ['sales'],
  capabilities: [],
  resources: { 'x://a': { name: 'a', contents: [{ uri: 'x://a', text: 'um' }] } },
});
const same = (text: string): string => text;

it('holds servers by name and nothing else, each with what failed of it', () => {
  const failures = [
    { server: 'a', uri: 'x://b', reason: 'a leitura falhou' },
    { server: 'b', reason: 'está fora do ar' },
  ];
  const servers = { a: gathered('Vendas') };
  const answer = resourcesAnswer({ servers, failures }, named({ a: 'Vendas', b: 'falhas', c: 'Outro' }), same);
  expect(answer).toEqual({
    Vendas: { ...gathered('Vendas'), falhas: [{ uri: 'x://b', motivo: 'a leitura falhou' }] },
    falhas: {
      name: 'falhas',
      priority: 10,
      domains: ['sales'],
      capabilities: [],
      resources: {},
      falhas: [{ motivo: 'está fora do ar' }],
    },
  });
});

it('loses no server to another of the same name, or whose id is that name', () => {
  const servers = { a: gathered('Vendas'), b: gathered('Vendas'), c: gathered('a') };
  const answer = resourcesAnswer({ servers, failures: [] }, named({ a: 'Vendas', b: 'Vendas', c: 'a' }), same);
  expect(Object.keys(answer).sort()).toEqual(['a', 'b', 'c']);
});
