/** Which conversation of whom: an id alone could be somebody else's. */
export interface ScopeKey {
  readonly principalId: string;
  readonly sessionId: string;
}

/** Where a conversation's selection of domains is kept. */
export interface ScopeStore {
  /** Answered at once, for every list and call asks; undefined when nothing was selected. */
  selected(key: ScopeKey): readonly string[] | undefined;
  /** Resolves when the selection is kept; undefined takes it back. */
  select(key: ScopeKey, domains: readonly string[] | undefined): Promise<void>;
  /** The session is over. */
  forget(sessionId: string): void;
}

/** In this process alone. It holds no more than there are sessions, which are bounded elsewhere. */
export class MemoryScopeStore implements ScopeStore {
  readonly #selections = new Map<string, { readonly principalId: string; readonly domains: readonly string[] }>();

  selected({ principalId, sessionId }: ScopeKey): readonly string[] | undefined {
    const selection = this.#selections.get(sessionId);
    return selection?.principalId === principalId ? selection.domains : undefined;
  }

  async select({ principalId, sessionId }: ScopeKey, domains: readonly string[] | undefined): Promise<void> {
    if (domains === undefined) this.#selections.delete(sessionId);
    else this.#selections.set(sessionId, { principalId, domains });
  }

  forget(sessionId: string): void {
    this.#selections.delete(sessionId);
  }
}
