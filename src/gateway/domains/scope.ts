import { OutOfDomainError } from '../../errors.ts';
import type { Caller } from '../../tools/tool-source.ts';
import type { DomainHandles } from './handles.ts';
import type { ScopeKey, ScopeStore } from './scope-store.ts';

/** The domains a request may see and use; undefined for all of them. */
export type Scope = ReadonlySet<string> | undefined;

export function isInScope(scope: Scope, domains: Iterable<string>): boolean {
  if (scope === undefined) return true;
  for (const domain of domains) if (scope.has(domain)) return true;
  return false;
}

/** What every one of the lists names; a list that is undefined names everything. */
export function intersection(lists: readonly (readonly string[] | undefined)[]): Scope {
  const given = lists.filter((list) => list !== undefined);
  const [first, ...rest] = given;
  if (first === undefined) return undefined;
  return new Set(first.filter((domain) => rest.every((list) => list.includes(domain))));
}

/** Names a scope in a key of a map. */
export function scopeKey(scope: Scope): string {
  return scope === undefined ? '*' : [...scope].sort().join(' ');
}

export interface ScopeParts {
  readonly store: ScopeStore;
  readonly handles: DomainHandles;
}

/**
 * The one place that says what a request's scope is, whichever way it came: the domains of its address, those that its
 * session selected and those of the handle it carries, all of which only ever narrow.
 */
export class DomainScopes {
  readonly #store: ScopeStore;
  readonly #handles: DomainHandles;
  /** What the handles of a caller say, read once: a stream that outlives a handle goes on as it began. */
  readonly #carried = new WeakMap<Caller, readonly (readonly string[] | undefined)[]>();

  constructor({ store, handles }: ScopeParts) {
    this.#store = store;
    this.#handles = handles;
  }

  /** @throws UserInputError for a handle that is not good */
  of(caller: Caller): Scope {
    const key = keyOf(caller);
    const selected = key === undefined ? undefined : this.#store.selected(key);
    if (caller.handles !== undefined) return intersection([caller.domains, selected, ...this.#read(caller)]);
    if (selected === undefined && caller.domains === undefined) return undefined;
    return intersection([caller.domains, selected]);
  }

  /**
   * Selects for the session, if there is one, and returns the handle that says the same.
   *
   * @param domains undefined for every domain
   */
  async select(caller: Caller, domains: readonly string[] | undefined): Promise<string> {
    const key = keyOf(caller);
    if (key !== undefined) await this.#store.select(key, domains);
    return this.#handles.issue(caller.principal.id, domains);
  }

  forget(sessionId: string): void {
    this.#store.forget(sessionId);
  }

  #read(caller: Caller): readonly (readonly string[] | undefined)[] {
    const { principal, handles = [] } = caller;
    let read = this.#carried.get(caller);
    if (read === undefined) {
      read = handles.map((handle) => this.#handles.read(principal.id, handle));
      this.#carried.set(caller, read);
    }
    return read;
  }
}

/** The same caller with one more handle, if there is one. */
export function carrying<C extends Caller>(caller: C, handle: unknown): C {
  return handle === undefined ? caller : { ...caller, handles: [...(caller.handles ?? []), handle] };
}

function keyOf({ principal, session }: Caller): ScopeKey | undefined {
  if (session === undefined) return undefined;
  return { principalId: principal.id, sessionId: session.id, lasting: session.lasting === true };
}

/** The refusal of every door. @param what e.g. `a ferramenta sales__query` */
export function outOfDomain(what: string, domains: Iterable<string>): OutOfDomainError {
  const names = [...domains];
  const which = names.length === 1 ? `do domínio ${names[0]}` : `dos domínios ${names.join(', ')}`;
  return new OutOfDomainError(`Fora do domínio selecionado: ${what} é ${which}.`, {
    hint: `Selecione antes o domínio: select_domain com domain="${names[0]}" ("*" seleciona todos). Se o endereço da conexão limita os domínios, conecte-se por /mcp/d/${names[0]} ou /mcp.`,
  });
}
