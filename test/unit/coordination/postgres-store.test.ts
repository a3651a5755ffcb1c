import { setTimeout as wait } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { PostgresStore } from '../../../src/coordination/postgres/postgres-store.ts';

/** A database that takes longer for the first statements it is sent than for those after them. */
function slowAtFirst() {
  const rows = new Map<string, string>();
  let delay = 80;
  return {
    rows,
    async query(text: string, [, key, value]: unknown[] = []): Promise<unknown[]> {
      delay /= 2;
      await wait(delay);
      if (text.startsWith('INSERT')) rows.set(String(key), String(value));
      if (text.startsWith('DELETE')) rows.delete(String(key));
      return [];
    },
  };
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
