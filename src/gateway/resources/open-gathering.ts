import type { Orchestration } from '../config/gateway-config.ts';
import type { Registry } from '../upstreams/registry.ts';
import { forgetChanged } from './forget-changed.ts';
import { ResourceGatherer } from './gather.ts';
import { type Contents, contentsBytes } from './read-contents.ts';
import { ResourceCache } from './resource-cache.ts';

export interface Gathering {
  readonly cache: ResourceCache<readonly Contents[]>;
  readonly gatherer: ResourceGatherer;
  /** Ends what follows the servers' changes. */
  stop(): void;
}

/** What is needed to gather resources: with a cache that keeps them as long as the settings say and no longer than they are true. */
export function openGathering(registry: Registry, { resourceCacheTtlMs: ttlMs, failFast }: Orchestration): Gathering {
  const cache = new ResourceCache<readonly Contents[]>({ ttlMs }, contentsBytes);
  const gatherer = new ResourceGatherer({
    registry,
    cache,
    logger: registry.logger,
    failFast,
    strictlyFresh: ttlMs === 0,
  });
  return { cache, gatherer, stop: forgetChanged(registry, cache) };
}
