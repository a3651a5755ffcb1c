/** Which lists are others after a change of what is mounted, and for whom: others are not even told that there was one. */
import type { Principal } from '../../companies/principal.ts';
import type { Caller } from '../../tools/tool-source.ts';
import { type DomainScopes, isInScope, type Scope, scopeKey } from '../domains/scope.ts';
import { OMIE_DOMAIN } from '../naming/domain.ts';
import { type ChangedItems, changedItems } from './changed-items.ts';
import type { MountTable } from './mount-table.ts';
import { scopeIn } from './scope-in.ts';
import { maySeePrompt, maySeeResource, maySeeTool } from './visible.ts';

export type ListKind = 'tools' | 'resources' | 'prompts';

/** @see CatalogChange */
export interface ListChange {
  readonly kind: ListKind;
  readonly visibleTo: (caller: Caller) => boolean;
}

/** The scope of one caller with one table and with the other. */
type Scopes = readonly [Scope, Scope];

export function changedLists(before: MountTable, now: MountTable, scopes: Pick<DomainScopes, 'of'>): ListChange[] {
  const cameOrWent = isActive(before) !== isActive(now);
  const changed: Record<ListKind, readonly ChangedItems[]> = {
    tools: [changedItems(before.tools, now.tools, maySeeTool)],
    resources: [
      changedItems(before.resources, now.resources, maySeeResource),
      changedItems(before.templates, now.templates, maySeeResource),
    ],
    prompts: [changedItems(before.prompts, now.prompts, maySeePrompt)],
  };
  return (['tools', 'resources', 'prompts'] as const)
    .filter((kind) => cameOrWent || changed[kind].some(({ none }) => !none))
    .map((kind) => {
      const differs = (principal: Principal, [then, today]: Scopes): boolean =>
        // The tools of the gateway itself come with the first server; what else the house has may be out of what was selected.
        (cameOrWent && (kind === 'tools' || showsOwn(then) !== showsOwn(today))) ||
        changed[kind].some((items) => items.differ(principal, then, today));
      const known = onceEach(differs);
      const visibleTo = (caller: Caller): boolean =>
        known(caller.principal, [scopeIn(before, scopes, caller), scopeIn(now, scopes, caller)]);
      return { kind, visibleTo };
    });
}

const isActive = ({ servers }: MountTable): boolean => servers.length > 0;
const showsOwn = (scope: Scope): boolean => isInScope(scope, [OMIE_DOMAIN]);

type Differs = (principal: Principal, scopes: Scopes) => boolean;

/** Many sessions are of few principals, in few scopes. */
function onceEach(differs: Differs): Differs {
  const known = new WeakMap<Principal, Map<string, boolean>>();
  return (principal, scopes) => {
    const ofPrincipal = known.get(principal) ?? new Map<string, boolean>();
    known.set(principal, ofPrincipal);
    const key = scopes.map(scopeKey).join('|');
    const found = ofPrincipal.get(key) ?? differs(principal, scopes);
    ofPrincipal.set(key, found);
    return found;
  };
}
