import type { Caller } from '../../tools/tool-source.ts';
import { type DomainScopes, intersection, type Scope } from '../domains/scope.ts';
import type { MountTable } from './mount-table.ts';

/**
 * The caller's scope while this is what is mounted. Without a server there is nothing to select from, and what was selected
 * lapses; an address goes on meaning what it says.
 *
 * @throws UserInputError for a handle that is not good
 */
export function scopeIn({ servers }: MountTable, scopes: Pick<DomainScopes, 'of'>, caller: Caller): Scope {
  return servers.length > 0 ? scopes.of(caller) : intersection([caller.domains]);
}
