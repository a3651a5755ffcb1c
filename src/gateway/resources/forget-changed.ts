import type { Offer } from '../upstreams/offer.ts';
import type { UpstreamRegistry } from '../upstreams/upstream-registry.ts';
import { cacheKey } from './gather.ts';
import type { ResourceCache } from './resource-cache.ts';

/**
 * What is kept of a server is forgotten when its lists change or it is unmounted, and one resource when the server says
 * that it changed. Returns the end of it.
 */
export function forgetChanged(
  registry: Pick<UpstreamRegistry, 'servers' | 'onChange' | 'onResourceUpdate'>,
  cache: Pick<ResourceCache<unknown>, 'forget'>,
): () => void {
  const offersNow = (): Map<string, Offer> => new Map(registry.servers.map(({ id, offer }) => [id, offer]));
  let before = offersNow();
  const updates = registry.onResourceUpdate((server, uri) => cache.forget((key) => key === cacheKey(server, uri)));
  const changes = registry.onChange(() => {
    const now = offersNow();
    for (const [id, offer] of before) {
      if (now.get(id) !== offer) cache.forget((key) => key.startsWith(cacheKey(id, '')));
    }
    before = now;
  });
  return () => {
    updates();
    changes();
  };
}
