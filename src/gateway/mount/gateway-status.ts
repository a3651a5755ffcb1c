import type { Principal } from '../../companies/principal.ts';
import type { CacheStats } from '../resources/resource-cache.ts';
import { explainRoute, type IsResting, type RouteStep } from '../routing/route-table.ts';
import type { UpstreamState } from '../upstreams/upstream-registry.ts';
import type { Gateway } from './gateway.ts';
import { mayRead } from './mounted-resources.ts';

/** `GET /mcp/status` (contract). */
export interface GatewayStatus {
  /** Every server has been connected at least once, or given up for now. */
  readonly initialized: boolean;
  readonly servers: readonly {
    readonly id: string;
    readonly name: string;
    readonly connected: boolean;
    readonly state: UpstreamState;
    readonly priority: number;
    readonly domains: readonly string[];
    readonly transport: string;
    /** Why it is not connected, or what of it is held back; only for those who see the whole house. */
    readonly error: string | null;
    readonly last_connected: string | null;
  }[];
  /** By mounted name: who is asked, in which order, and why. */
  readonly routes: Readonly<Record<string, readonly RouteStep[]>>;
  readonly cache_stats: CacheStats;
  /** What could not be mounted; only for those who see the whole house. */
  readonly problems?: readonly string[];
}

/** The state of the gateway as far as the principal may use it. */
export function gatewayStatus(
  gateway: Gateway,
  principal: Principal,
  { cacheStats, isResting }: { readonly cacheStats: () => CacheStats; readonly isResting: IsResting },
): GatewayStatus {
  const { table, problems } = gateway;
  const tools = gateway.toolsFor({ principal }, undefined);
  const used = new Set(tools.flatMap(({ candidates }) => candidates.map(({ server }) => server)));
  const whole = principal.seesAll === true;
  const servers = table.servers.filter(
    ({ id, config }) => whole || used.has(id) || mayRead(principal, config.domains[0]),
  );
  return {
    initialized: table.servers.every(({ state }) => state !== 'connecting'),
    servers: servers.map(({ id, name, state, config, problem, lastConnected }) => ({
      id,
      name,
      connected: state === 'connected',
      state,
      priority: config.priority,
      domains: config.domains,
      transport: config.transport,
      error: whole ? (problem ?? null) : null,
      last_connected: lastConnected?.toISOString() ?? null,
    })),
    routes: Object.fromEntries(
      tools.map(({ ref, candidates }) => [
        ref.name,
        explainRoute(candidates, table.servers, ref.readOnly ? 'read' : 'write', isResting),
      ]),
    ),
    cache_stats: cacheStats(),
    ...(whole ? { problems } : {}),
  };
}
