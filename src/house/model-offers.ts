/** What a model may be offered of this house, server by server. */
import type { Principal } from '../companies/principal.ts';
import { DEFAULT_PRIORITY } from '../gateway/config/complete-config.ts';
import type { MountTable } from '../gateway/mount/mount-table.ts';
import { OMIE_DOMAIN } from '../gateway/naming/domain.ts';
import { effectOfAnnotations } from '../gateway/routing/choose.ts';
import type { ServerOffer } from '../hub/orchestration/tool-box.ts';
import type { ToolSource } from '../tools/tool-source.ts';

/** The built-in tools stand where a server of no stated priority would. */
export function ownOffer(own: ToolSource, principal: Principal): ServerOffer {
  const tools = own.list({ principal }).map((descriptor) => ({
    name: descriptor.name,
    domain: OMIE_DOMAIN,
    readOnly: effectOfAnnotations(descriptor.annotations) === 'read',
    descriptor,
  }));
  const server = {
    name: OMIE_DOMAIN,
    config: { domains: [OMIE_DOMAIN], capabilities: [] },
    offer: { tools, resources: [] },
  };
  return { server, priority: DEFAULT_PRIORITY, tools };
}

/** A server stands for all its domains, whichever of them its tools' names begin with. */
export function mountedOffers(table: Pick<MountTable, 'servers' | 'tools'>): readonly ServerOffer[] {
  const mounted = [...table.tools.values()];
  return table.servers
    .filter(({ state }) => state === 'connected')
    .map((server) => ({
      server,
      priority: server.config.priority,
      tools: mounted
        .filter(({ candidates }) => candidates.some((candidate) => candidate.server === server.id))
        .map(({ ref, domain, descriptor }) => ({ name: ref.name, domain, readOnly: ref.readOnly, descriptor })),
    }));
}
