import { afterEach, describe, expect, it } from 'vitest';
import { fullAccess } from '../../../src/companies/principal.ts';
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
