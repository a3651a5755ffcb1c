/** Which lists are others after a change of what is mounted, and for whom: others are not even told that there was one. */
import type { Principal } from '../../companies/principal.ts';
import type { Caller } from '../../tools/tool-source.ts';
import { type DomainScopes, type Scope, scopeKey } from '../domains/scope.ts';
import type { MountedItem, MountTable } from './mount-table.ts';
import { visiblePrompts, visibleResources, visibleTemplates, visibleTools } from './visible.ts';

const KINDS = ['tools', 'resources', 'prompts'] as const;
export type ListKind = (typeof KINDS)[number];

/** @see CatalogChange */
export interface ListChange {
  readonly kind: ListKind;
  readonly visibleTo: (caller: Caller) => boolean;
}

export function listChanges(before: MountTable, now: MountTable, scopes: Pick<DomainScopes, 'of'>): ListChange[] {
  return KINDS.filter((kind) => everything(before, kind) !== everything(now, kind)).map((kind) => {
    // Many sessions are of few principals, in few scopes.
    const known = new WeakMap<Principal, Map<string, boolean>>();
    const visibleTo = (caller: Caller): boolean => {
      const { principal } = caller;
      const scope = scopes.of(caller);
      const ofPrincipal = known.get(principal) ?? new Map<string, boolean>();
      known.set(principal, ofPrincipal);
      const key = scopeKey(scope);
      const differs =
        ofPrincipal.get(key) ?? seen(before, kind, principal, scope) !== seen(now, kind, principal, scope);
      ofPrincipal.set(key, differs);
      return differs;
    };
    return { kind, visibleTo };
  });
}

type Shown = MountedItem & { readonly descriptor: unknown };

/** All that any list is made of, and through which domains it may be reached. */
function everything(table: MountTable, kind: ListKind): string {
  const { tools, resources, templates, prompts } = table;
  const text = (items: ReadonlyMap<string, Shown>): string =>
    JSON.stringify([...items.values()].map(({ descriptor, candidates }) => [descriptor, domainsOf(candidates)]));
  switch (kind) {
    case 'tools':
      return ownTools(table) + text(tools);
    case 'resources':
      return text(resources) + text(templates);
    case 'prompts':
      return text(prompts);
  }
}

function domainsOf(candidates: MountedItem['candidates']): string[] {
  return [...new Set(candidates.flatMap(({ domains }) => domains))].sort();
}

/** The list of one principal in one scope. */
function seen(table: MountTable, kind: ListKind, principal: Principal, scope: Scope): string {
  const text = (items: readonly Shown[]): string => JSON.stringify(items.map(({ descriptor }) => descriptor));
  switch (kind) {
    case 'tools':
      return ownTools(table) + text(visibleTools(table, principal, scope));
    case 'resources':
      return text(visibleResources(table, principal, scope)) + text(visibleTemplates(table, principal, scope));
    case 'prompts':
      return text(visiblePrompts(table, principal, scope));
  }
}

/** The tools of the gateway itself come with the first server. */
const ownTools = ({ servers }: MountTable): string => String(servers.length > 0);
