import { type Coordination, MAX_SESSION_MS } from '../coordination/coordination.ts';
import { selectionName } from '../gateway/domains/scope-store.ts';
import { OMIE_DOMAIN } from '../gateway/naming/domain.ts';
import { readRecord, type SessionOwner, type SessionShelf } from '../transports/session-shelf.ts';

/** `text` is what was kept of a session's selection of domains; undefined when nothing was. */
export type RestoreSelection = (owner: SessionOwner, text: string | undefined) => void;

const recordName = (sessionId: string): string => `session/${sessionId}`;

/**
 * Sessions in the store that replicas share. A session and its selection are read together: a session without the
 * selection it made would see more than was chosen.
 *
 * @param restore undefined where there are no domains; a session whose address named others than Omie's is unknown then
 */
export function sessionShelf(
  { store }: Pick<Coordination, 'store'>,
  restore: RestoreSelection | undefined,
): SessionShelf {
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
      if (record === undefined || (restore === undefined && !isOfOmie(record))) return undefined;
      return { record, restore: () => restore?.(owner, selection) };
    },
    forget({ principalId, sessionId }) {
      for (const name of [recordName(sessionId), selectionName(sessionId)])
        store.delete(principalId, name).catch(() => {});
    },
  };
}

/** Nobody would hold it to its address, and what was meant to narrow must never widen. */
function isOfOmie(record: string): boolean {
  const { domains = [OMIE_DOMAIN] } = readRecord(record) ?? {};
  return domains.includes(OMIE_DOMAIN);
}
