import { z } from 'zod';
import { MAX_SESSION_MS, type SharedStore } from '../../coordination/coordination.ts';
import { UpstreamUnavailableError } from '../../errors.ts';

/** Which conversation of whom: an id alone could be somebody else's. */
export interface ScopeKey {
  readonly principalId: string;
  readonly sessionId: string;
  /** It may outlive this process. */
  readonly lasting: boolean;
}

/** Where a conversation's selection of domains is kept. */
export interface ScopeStore {
  /** Answered at once, for every list and call asks; undefined when nothing was selected. */
  selected(key: ScopeKey): readonly string[] | undefined;
  /**
   * Resolves when the selection is kept; undefined takes it back.
   *
   * @throws UpstreamUnavailableError when it cannot be kept as long as the session lasts; the one before stays in force.
   */
  select(key: ScopeKey, domains: readonly string[] | undefined): Promise<void>;
  /** This process serves the session no more. */
  forget(sessionId: string): void;
}

/** Under which name the selection of a session that may outlive its process is kept. */
export const selectionName = (sessionId: string): string => `selection/${sessionId}`;

const selection = z.array(z.string()).nullable();

/** In this process alone. It holds no more than there are sessions, which are bounded elsewhere. */
export class MemoryScopeStore implements ScopeStore {
  readonly #selections = new Map<string, { readonly principalId: string; readonly domains: readonly string[] }>();

  selected({ principalId, sessionId }: ScopeKey): readonly string[] | undefined {
    const selection = this.#selections.get(sessionId);
    return selection?.principalId === principalId ? selection.domains : undefined;
  }

  async select(key: ScopeKey, domains: readonly string[] | undefined): Promise<void> {
    this.put(key, domains);
  }

  put({ principalId, sessionId }: ScopeKey, domains: readonly string[] | undefined): void {
    if (domains === undefined) this.#selections.delete(sessionId);
    else this.#selections.set(sessionId, { principalId, domains });
  }

  forget(sessionId: string): void {
    this.#selections.delete(sessionId);
  }
}

/**
 * Beside it, in the store that replicas share, for sessions that outlive their process. Written down before it is in force:
 * a selection that only this process knew of would be gone with it, and its session would come back seeing more than
 * was chosen.
 */
export class SharedScopeStore implements ScopeStore {
  readonly #here = new MemoryScopeStore();
  readonly #store: Pick<SharedStore, 'setNow'>;

  constructor(store: Pick<SharedStore, 'setNow'>) {
    this.#store = store;
  }

  selected(key: ScopeKey): readonly string[] | undefined {
    return this.#here.selected(key);
  }

  async select(key: ScopeKey, domains: readonly string[] | undefined): Promise<void> {
    if (key.lasting) {
      const text = JSON.stringify(domains ?? null);
      const kept = await this.#store.setNow(key.principalId, selectionName(key.sessionId), text, MAX_SESSION_MS);
      if (!kept) throw notKept();
    }
    this.#here.put(key, domains);
  }

  /** A session is taken up again: `text` is what was kept under its {@link selectionName}, undefined when nothing was. */
  restore(key: ScopeKey, text: string | undefined): void {
    this.#here.put(key, text === undefined ? undefined : (selection.parse(JSON.parse(text)) ?? undefined));
  }

  forget(sessionId: string): void {
    this.#here.forget(sessionId);
  }
}

function notKept(): UpstreamUnavailableError {
  return new UpstreamUnavailableError(
    'A seleção não pôde ser guardada: o banco de dados que as réplicas dividem não respondeu. A anterior continua valendo.',
    { retryAfterMs: 5_000, hint: 'Tente de novo em instantes, ou use um endereço com o domínio: /mcp/d/{domínio}.' },
  );
}
