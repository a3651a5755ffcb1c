import type { Principal } from '../companies/principal.ts';
import type { Orchestration } from '../gateway/config/gateway-config.ts';
import { mayRead } from '../gateway/mount/may-read.ts';
import { forgetChanged } from '../gateway/resources/forget-changed.ts';
import { type Gathered, ResourceGatherer } from '../gateway/resources/gather.ts';
import { type Contents, contentsBytes } from '../gateway/resources/read-contents.ts';
import { type CacheStats, ResourceCache } from '../gateway/resources/resource-cache.ts';
import type { Registry } from '../gateway/upstreams/registry.ts';
import type { MountedServer } from '../gateway/upstreams/upstream-registry.ts';

interface Gathering {
  readonly ttlMs: number;
  readonly failFast: boolean;
  readonly cache: ResourceCache<readonly Contents[]>;
  readonly gatherer: ResourceGatherer;
  readonly stop: () => void;
}

/** The contents of what the mounted servers list, kept as long as the gateway file says. */
export class GatewayResources {
  readonly #registry: Registry;
  #gathering: Gathering;

  constructor(registry: Registry, orchestration: Orchestration) {
    this.#registry = registry;
    this.#gathering = open(registry, orchestration);
  }

  /** Begins anew with an empty cache if the settings that concern it are others now. */
  reconfigure(orchestration: Orchestration): void {
    const { ttlMs, failFast, stop } = this.#gathering;
    if (ttlMs === orchestration.resourceCacheTtlMs && failFast === orchestration.failFast) return;
    stop();
    this.#gathering = open(this.#registry, orchestration);
  }

  stats(): CacheStats {
    return this.#gathering.cache.stats();
  }

  /**
   * Of the domain's servers those that the principal may read: a server's resources belong to its first domain, by
   * whichever of its domains it is reached.
   *
   * @throws NotFoundError for a domain no server is of; GatherError; CancelledError
   */
  ofDomain(domain: string, principal: Principal, signal: AbortSignal): Promise<Gathered> {
    const readable = ({ config }: MountedServer): boolean => mayRead(principal, config.domains[0]);
    return this.#gathering.gatherer.gatherDomains([domain], { signal, mayRead: readable });
  }

  close(): void {
    this.#gathering.stop();
  }
}

function open(registry: Registry, { resourceCacheTtlMs: ttlMs, failFast }: Orchestration): Gathering {
  const cache = new ResourceCache<readonly Contents[]>({ ttlMs }, contentsBytes);
  const gatherer = new ResourceGatherer({ registry, cache, failFast, strictlyFresh: ttlMs === 0 });
  return { ttlMs, failFast, cache, gatherer, stop: forgetChanged(registry, cache) };
}
