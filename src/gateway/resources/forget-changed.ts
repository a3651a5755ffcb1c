import type { Offer } from '../upstreams/offer.ts';
import type { UpstreamRegistry } from '../upstreams/upstream-registry.ts';
import { cacheKey } from './gather.ts';
import type { ResourceCache } from './resource-cache.ts';

/** What is kept of a server is forgotten when its lists change or it is unmounted. Returns the end of it. */
export function forgetChanged(
  registry: Pick<UpstreamRegistry, 'servers' | 'onChange'>,
  cache: Pick<ResourceCache<unknown>, 'forget'>,
): () => void {
  const offersNow = (): Map<string, Offer> => new Map(registry.servers.map(({ id, offer }) => [id, offer]));
  let before = offersNow();
  return registry.onChange(() => {
    const now = offersNow();
    for (const [id, offer] of before) {
      if (now.get(id) !== offer) cache.forget((key) => key.startsWith(cacheKey(id, '')));
    }
    before = now;
  });
}
