import type { Caller } from '../../tools/tool-source.ts';
import { isInScope } from '../domains/scope.ts';
import type { CacheStats } from '../resources/resource-cache.ts';
import { explainRoute, type IsResting, type RouteStep } from '../upstreams/route-table.ts';
import { type ServerStatus, serverStatus } from '../upstreams/server-status.ts';
import type { Gateway } from './gateway.ts';
import { visibleServers } from './visible.ts';

/** `GET /mcp/status` (contract). */
export interface GatewayStatus {
  /** Every server has been connected at least once, or given up for now. */
  readonly initialized: boolean;
  /** What is wrong with one is told only to those who see the whole house. */
  readonly servers: readonly ServerStatus[];
  /** By mounted name: who is asked, in which order, and why. */
  readonly routes: Readonly<Record<string, readonly RouteStep[]>>;
  readonly cache_stats: CacheStats;
  /** What could not be mounted; only for those who see the whole house, of all its domains. */
  readonly problems?: readonly string[];
}

/** The state of the gateway as far as the caller may use it, and within its scope. @throws as `Gateway.scopeOf` */
export function gatewayStatus(
  gateway: Gateway,
  caller: Caller,
  { cacheStats, isResting }: { readonly cacheStats: () => CacheStats; readonly isResting: IsResting },
): GatewayStatus {
  const { table, problems } = gateway;
  const { principal } = caller;
  const scope = gateway.scopeOf(caller);
  const tools = gateway.toolsFor(caller, scope);
  const whole = principal.seesAll === true;
  const servers = visibleServers(table, principal).filter(({ config }) => isInScope(scope, config.domains));
  return {
    initialized: table.servers.every(({ state }) => state !== 'connecting'),
    servers: servers.map(serverStatus).map((one) => (whole ? one : { ...one, error: null })),
    routes: Object.fromEntries(
      tools.map(({ ref, candidates }) => [
        ref.name,
        explainRoute(
          candidates.filter(({ domains }) => isInScope(scope, domains)),
          table.servers,
          ref.readOnly ? 'read' : 'write',
          isResting,
        ),
      ]),
    ),
    cache_stats: cacheStats(),
    // Their names are of every domain.
    ...(whole && scope === undefined ? { problems } : {}),
  };
}
