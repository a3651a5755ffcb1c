/** The gateway as its HTTP routes ask it: the same rights and the same scope as for MCP. */
import { NotFoundError, PermissionError } from '../errors.ts';
import { DEFAULT_PRIORITY } from '../gateway/config/complete-config.ts';
import { isInScope, outOfDomain } from '../gateway/domains/scope.ts';
import type { Gateway } from '../gateway/mount/gateway.ts';
import { gatewayStatus } from '../gateway/mount/gateway-status.ts';
import { mayRead } from '../gateway/mount/may-read.ts';
import { visibleDomains } from '../gateway/mount/visible.ts';
import { OMIE_DOMAIN } from '../gateway/naming/domain.ts';
import type { Registry } from '../gateway/upstreams/registry.ts';
import type { GatewayRoutesDoor, ResourcesByServer } from '../http/gateway-routes.ts';
import type { ResourceSource } from '../resources/resource-source.ts';
import type { Scrub } from '../server/server-parts.ts';
import type { ObserveCall } from '../tools/call-report.ts';
import type { CallContext, Caller } from '../tools/tool-source.ts';
import type { GatewayResources } from './gateway-resources.ts';
import { resourcesAnswer } from './resources-answer.ts';

export interface GatewayDoorParts {
  readonly gateway: Gateway;
  readonly registry: Registry;
  readonly resources: GatewayResources;
  /** Those of the built-in domain. */
  readonly own: ResourceSource;
  readonly scrub: Scrub;
  readonly observe: ObserveCall;
}

export function gatewayDoor({
  gateway,
  registry,
  resources,
  own,
  scrub,
  observe,
}: GatewayDoorParts): GatewayRoutesDoor {
  const openTo = (caller: Caller): string[] => {
    const scope = gateway.scopeOf(caller);
    return [OMIE_DOMAIN, ...visibleDomains(gateway.table, caller.principal)].filter((one) => isInScope(scope, [one]));
  };
  return {
    observe,
    knows: (domain) => gateway.domains.includes(domain),
    status: (caller) =>
      gatewayStatus(gateway, caller, { cacheStats: () => resources.stats(), isResting: restingIn(registry) }),
    async resources(domain, context) {
      const isOwn = domain === OMIE_DOMAIN;
      if (!isOwn && !mayRead(context.principal, domain)) {
        throw new PermissionError(`Seu acesso não inclui os recursos do domínio ${domain}.`);
      }
      if (!gateway.domains.includes(domain)) {
        throw new NotFoundError(`Nenhum servidor atende o domínio "${domain}".`, {
          hint: `Domínios: ${openTo(context).join(', ') || 'nenhum'}.`,
        });
      }
      // Every server of the domain is then in scope, whichever its other domains are.
      if (!isInScope(gateway.scopeOf(context), [domain])) throw outOfDomain('a coleta de recursos', [domain]);
      if (isOwn) return ownAnswer(own, context);
      const gathered = await resources.ofDomain(domain, context.principal, context.signal);
      return resourcesAnswer(gathered, registry.servers, scrub);
    },
  };
}

/** The built-in resources that are listed, as if the house were a server of no stated priority. */
async function ownAnswer(own: ResourceSource, context: CallContext): Promise<ResourcesByServer> {
  const resources = await Promise.all(
    own.list(context).map(async ({ uri, name, description, mimeType }) => {
      const reading = await own.read(uri, context);
      return [uri, { name, description, mimeType, contents: 'contents' in reading ? reading.contents : [] }] as const;
    }),
  );
  const server = { name: OMIE_DOMAIN, priority: DEFAULT_PRIORITY, domains: [OMIE_DOMAIN], capabilities: [] };
  return { [OMIE_DOMAIN]: { ...server, resources: Object.fromEntries(resources) } };
}

/** The breakers of the servers, as routes are explained with. */
function restingIn(registry: Registry): (server: string) => boolean {
  const resting = new Set(registry.upstreams.filter(({ breaker }) => breaker.resting).map(({ id }) => id));
  return (server) => resting.has(server);
}
