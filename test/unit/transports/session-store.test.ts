import { afterEach, describe, expect, it } from 'vitest';
import { fullAccess, type Principal } from '../../../src/companies/principal.ts';
import { SessionStore, type StoredSession } from '../../../src/transports/session-store.ts';

const stores: SessionStore<StoredSession>[] = [];
function open(replica?: string): SessionStore<StoredSession> {
  const store = new SessionStore<StoredSession>({ replica });
  stores.push(store);
  return store;
}
afterEach(() => {
  for (const store of stores.splice(0)) store.close();
});

describe('session ids', () => {
  it('name their replica first, and survive headers and query strings as they are', () => {
    const ids = Array.from({ length: 1_000 }, () => open('hub-a').newId());
    for (const id of ids) {
      expect(id).toMatch(/^hub-a\.[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      expect(new URLSearchParams({ sessionId: id }).toString()).toBe(`sessionId=${id}`);
    }
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are bare where there is one process alone', () => {
    expect(open().newId()).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('of another replica are unknown', () => {
    const [a, b] = [open('hub-a'), open('hub-b')];
    const principal = fullAccess('local');
    const session = { id: a.newId(), principal, busy: false, close() {} };
    a.add(session);
    expect(a.find(session.id, principal)).toBe(session);
    expect(b.find(session.id, principal)).toBeUndefined();
  });
});

describe('a full store', () => {
  const full = (cap: number) => {
    const store = new SessionStore<StoredSession>({ cap });
    stores.push(store);
    const add = (principal: Principal, busy = false): StoredSession | undefined => {
      const session = { id: store.newId(), principal, busy, close() {} };
      return store.add(session) ? session : undefined;
    };
    return { store, add };
  };
  const flooder = fullAccess('inundador');
  const neighbour = fullAccess('vizinha');

  it('takes the oldest idle session of whoever has most, never the only one of somebody else', () => {
    const { store, add } = full(10);
    const hers = add(neighbour);
    for (let i = 0; i < 50; i += 1) expect(add(flooder)).toBeDefined();
    expect(hers !== undefined && store.has(hers)).toBe(true);
    expect(store.size).toBe(10);
  });

  it('cuts a stream of whoever holds more than half, for somebody else alone', () => {
    const { store, add } = full(10);
    for (let i = 0; i < 10; i += 1) add(flooder, true);
    expect(add(flooder, true)).toBeUndefined();
    expect(add(neighbour, true)).toBeDefined();
    expect(store.size).toBe(10);
  });

  it('refuses when everybody is busy and nobody has more than half', () => {
    const { add } = full(4);
    for (const id of ['a', 'b']) {
      const principal = fullAccess(id);
      for (let i = 0; i < 2; i += 1) add(principal, true);
    }
    expect(add(neighbour, true)).toBeUndefined();
  });
});

describe('a store that is told nothing else', () => {
  const open = () => {
    let now = 0;
    const store = new SessionStore<StoredSession>({ clock: () => now });
    stores.push(store);
    const principal = fullAccess('local');
    const add = (): StoredSession => {
      const session = { id: store.newId(), principal, busy: false, close() {} };
      expect(store.add(session)).toBe(true);
      return session;
    };
    return { store, add, wait: (ms: number) => (now += ms) };
  };

  it('keeps a thousand sessions, and the oldest makes room for one more', () => {
    const { store, add, wait } = open();
    const first = add();
    for (let i = 1; i < 1_000; i += 1) {
      wait(1);
      add();
    }
    expect([store.size, store.has(first)]).toEqual([1_000, true]);
    add();
    expect([store.size, store.has(first)]).toEqual([1_000, false]);
  });

  it('drops one that nobody used for half an hour', () => {
    const { store, add, wait } = open();
    const session = add();
    wait(30 * 60_000 - 1);
    store.sweep();
    expect(store.has(session)).toBe(true);
    wait(1);
    store.sweep();
    expect(store.has(session)).toBe(false);
  });
});
