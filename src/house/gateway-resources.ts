import type { Principal } from '../companies/principal.ts';
import type { Orchestration } from '../gateway/config/gateway-config.ts';
import { mayRead } from '../gateway/mount/may-read.ts';
import type { Gathered } from '../gateway/resources/gather.ts';
import { type Gathering, openGathering } from '../gateway/resources/open-gathering.ts';
import type { CacheStats } from '../gateway/resources/resource-cache.ts';
import type { Registry } from '../gateway/upstreams/registry.ts';
import type { MountedServer } from '../gateway/upstreams/upstream-registry.ts';
import type { StopSignal } from '../stop-signal.ts';

/** The contents of what the mounted servers list, kept as long as the gateway file says. */
export class GatewayResources {
  readonly #registry: Registry;
  #settings: Orchestration;
  #gathering: Gathering;

  constructor(registry: Registry, orchestration: Orchestration) {
    this.#registry = registry;
    this.#settings = orchestration;
    this.#gathering = openGathering(registry, orchestration);
  }

  /** Begins anew with an empty cache if the settings that concern it are others now. */
  reconfigure(orchestration: Orchestration): void {
    const { resourceCacheTtlMs, failFast } = this.#settings;
    this.#settings = orchestration;
    if (resourceCacheTtlMs === orchestration.resourceCacheTtlMs && failFast === orchestration.failFast) return;
    this.#gathering.stop();
    this.#gathering = openGathering(this.#registry, orchestration);
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
  ofDomain(domain: string, principal: Principal, signal: StopSignal): Promise<Gathered> {
    const readable = ({ config }: MountedServer): boolean => mayRead(principal, config.domains[0]);
    return this.#gathering.gatherer.gatherDomains([domain], { signal, mayRead: readable });
  }

  close(): void {
    this.#gathering.stop();
  }
}
