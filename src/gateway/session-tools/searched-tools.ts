import type { Caller, ToolSource } from '../../tools/tool-source.ts';
import { isInScope } from '../domains/scope.ts';
import type { Gateway } from '../mount/gateway.ts';
import { OMIE_DOMAIN } from '../naming/domain.ts';
import type { SearchedTool } from './find-tools.ts';

/** What `find_tools` looks through: the tools in scope that the caller may use. */
export function searchedTools(gateway: Gateway, inner: ToolSource): (caller: Caller) => SearchedTool[] {
  return (caller) => {
    const scope = gateway.scopes.of(caller);
    const own = isInScope(scope, [OMIE_DOMAIN]) ? inner.list(caller) : [];
    return [
      ...own.map((descriptor) => ({ domains: [OMIE_DOMAIN], descriptor })),
      ...gateway.toolsFor(caller, scope).map(({ descriptor, domain, candidates }) => ({
        domains: [...new Set([domain, ...candidates.flatMap(({ domains }) => domains)])],
        descriptor,
      })),
    ];
  };
}
