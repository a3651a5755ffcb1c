import { type Coordination, MAX_SESSION_MS } from '../coordination/coordination.ts';
import { selectionName } from '../gateway/domains/scope-store.ts';
import type { SessionOwner, SessionShelf } from '../transports/session-shelf.ts';

/** `text` is what was kept of a session's selection of domains; undefined when nothing was. */
export type RestoreSelection = (owner: SessionOwner, text: string | undefined) => void;

const recordName = (sessionId: string): string => `session/${sessionId}`;

/**
 * Sessions in the store that replicas share. A session and its selection are read together: a session without the
 * selection it made would see more than was chosen.
 */
export function sessionShelf({ store }: Pick<Coordination, 'store'>, restore: RestoreSelection): SessionShelf {
  return {
    keep({ principalId, sessionId }, record) {
      // What is too long is not kept: the session ends with its process, as without a database.
      store.set(principalId, recordName(sessionId), record, MAX_SESSION_MS).catch(() => {});
    },
    async find(owner) {
      const { principalId, sessionId } = owner;
      const [record, selection] = await store
        .getMany(principalId, [recordName(sessionId), selectionName(sessionId)])
        .catch(() => []);
      return record === undefined ? undefined : { record, restore: () => restore(owner, selection) };
    },
    forget({ principalId, sessionId }) {
      for (const name of [recordName(sessionId), selectionName(sessionId)])
        store.delete(principalId, name).catch(() => {});
    },
  };
}
