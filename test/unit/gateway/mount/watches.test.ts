import { expect, it } from 'vitest';
import { fullAccess, type Principal } from '../../../../src/companies/principal.ts';
import { UserInputError } from '../../../../src/errors.ts';
import { UpstreamAnswerError, UpstreamGoneError } from '../../../../src/gateway/links/link-errors.ts';
import type { ResourceUpdate } from '../../../../src/gateway/mount/gateway.ts';
import { local, openMount } from './open-mount.ts';

const resource = { uri: 'file:///a', name: 'a' };
const servers = [
  { id: 'one', domains: ['sales'] as const, tools: [], more: { resources: [resource] } },
  { id: 'two', domains: ['people'] as const, tools: [], more: { resources: [resource] } },
];
const open = () => openMount(servers.map((server) => ({ ...server, domains: [server.domains[0]] })));
const watch = async ({ catalog }: ReturnType<typeof open>, uri: string, caller = { principal: local }) =>
  catalog.resources.watch?.(uri, caller);

it('a mounted resource is watched at its server until the last has left', async () => {
  const mount = open();
  const stops = [await watch(mount, 'sales+file:///a'), await watch(mount, 'sales+file:///a')];
  expect(mount.registry.watched).toEqual(['one file:///a', 'one file:///a']);
  const updates: ResourceUpdate[] = [];
  mount.gateway.onResourceUpdate((update) => updates.push(update));
  stops[0]?.();
  stops[0]?.();
  mount.registry.update('one', 'file:///a');
  mount.registry.update('two', 'file:///a');
  expect(updates.map(({ uri }) => uri)).toEqual(['sales+file:///a']);
  stops[1]?.();
  mount.registry.update('one', 'file:///a');
  expect(updates).toHaveLength(1);
  expect(mount.registry.watched).toEqual([]);
});

it('out of scope or of right, nothing is watched and no server hears of it', async () => {
  const mount = open();
  const elsewhere = { principal: local, domains: ['people'] };
  await expect(watch(mount, 'sales+file:///a', elsewhere)).rejects.toMatchObject({ code: 'fora_do_dominio' });
  const without: Principal = { ...fullAccess('bia'), canCall: ({ name }) => !name.startsWith('sales__') };
  await expect(watch(mount, 'sales+file:///a', { principal: without })).rejects.toMatchObject({
    code: 'nao_encontrado',
  });
  expect(mount.registry.watched).toEqual([]);
});

it('whoever has left the scope meanwhile does not hear of changes', async () => {
  const mount = open();
  await watch(mount, 'sales+file:///a');
  const updates: ResourceUpdate[] = [];
  mount.gateway.onResourceUpdate((update) => updates.push(update));
  mount.registry.update('one', 'file:///a');
  const session = { principal: local, session: { id: 's1' } };
  expect(updates[0]?.visibleTo(session)).toBe(true);
  await mount.gateway.scopes.select(session, ['people']);
  expect(updates[0]?.visibleTo(session)).toBe(false);
  const without: Principal = { ...fullAccess('bia'), canCall: () => false };
  expect(updates[0]?.visibleTo({ principal: without })).toBe(false);
});

it('one that no list mentions is watched at the first that takes it, in order of priority', async () => {
  const mount = openMount(
    ['deaf', 'gone', 'strange', 'good', 'spare'].map((id, at) => ({
      id,
      domains: ['sales'],
      tools: [],
      priority: at + 1,
      ...(id === 'strange' ? { more: { resources: [resource] } } : {}),
    })),
  );
  const asked: string[] = [];
  const watched = mount.registry.watch.bind(mount.registry);
  mount.registry.watch = async (server, uri) => {
    asked.push(server);
    if (server === 'deaf') throw new UserInputError('O servidor deste recurso não avisa de mudanças.');
    if (server === 'gone') throw new UpstreamGoneError('gone', { sent: true });
    if (server === 'strange') throw new UpstreamAnswerError(-32602, 'unknown');
    return watched(server, uri);
  };
  const stop = await watch(mount, 'sales+file:///b');
  expect(asked).toEqual(['deaf', 'gone', 'strange', 'good']);
  expect(mount.registry.watched).toEqual(['good file:///b']);
  const updates: ResourceUpdate[] = [];
  mount.gateway.onResourceUpdate((update) => updates.push(update));
  mount.registry.update('good', 'file:///b');
  expect(updates.map(({ uri }) => uri)).toEqual(['sales+file:///b']);
  stop?.();
  expect(mount.registry.watched).toEqual([]);
  // Whoever lists it and refuses is believed.
  await expect(watch(mount, 'sales+file:///a')).rejects.toMatchObject({ code: 'nao_encontrado' });
  expect(asked.slice(4)).toEqual(['strange']);
});
