import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { PostgresStore } from '../../../src/coordination/postgres/postgres-store.ts';

/** A database that takes longer for the first statements it is sent than for those after them. */
function slowAtFirst() {
  const rows = new Map<string, string>();
  let delay = 80;
  const link = {
    rows,
    isAway: false,
    async query(text: string, [, key, value]: unknown[] = []): Promise<unknown[]> {
      delay /= 2;
      await wait(delay);
      if (link.isAway) throw new Error('away');
      if (text.startsWith('INSERT')) rows.set(String(key), String(value));
      if (text.startsWith('DELETE')) rows.delete(String(key));
      return [];
    },
  };
  return link;
}

it('what is written last is what stays, however the statements of a pool pass each other', async () => {
  const link = slowAtFirst();
  const store = new PostgresStore(link, () => performance.now());
  const writes = [
    store.set('eva', 'session', 'one and two', 60_000),
    store.set('eva', 'session', 'two', 60_000),
    store.setNow('eva', 'selection', '["a"]', 60_000),
    store.setNow('eva', 'selection', '["b"]', 60_000),
    store.setNow('eva', 'ended', '["a"]', 60_000),
    store.delete('eva', 'ended'),
  ];
  await store.settled(5_000);
  expect(Object.fromEntries(link.rows)).toEqual({ session: 'two', selection: '["b"]' });
  await Promise.all(writes);
});

it('memory says the same as the database, for when that is away', async () => {
  const link = slowAtFirst();
  const store = new PostgresStore(link, () => performance.now());
  const writes = [
    store.setNow('eva', 'replaced', 'a', 60_000),
    store.set('eva', 'replaced', 'b', 60_000),
    store.setNow('eva', 'ended', 'a', 60_000),
    store.delete('eva', 'ended'),
    store.set('eva', 'confirmed', 'a', 60_000),
    store.setNow('eva', 'confirmed', 'b', 60_000),
    // The database is said to be back while all of this is under way.
    store.up(),
  ];
  await Promise.all(writes);
  await store.settled(5_000);
  expect(Object.fromEntries(link.rows)).toEqual({ replaced: 'b', confirmed: 'b' });
  link.isAway = true;
  expect(await store.getMany('eva', ['replaced', 'ended', 'confirmed'])).toEqual(['b', undefined, 'b']);
});
