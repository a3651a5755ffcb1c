import type { Unwatch } from '../../resources/resource-source.ts';
import { mountedUri } from '../naming/uris.ts';
import type { CandidateRef, UpstreamRegistry } from '../upstreams/upstream-registry.ts';

/** Under which mounted URIs the resources of servers are watched, and how often. */
export class WatchedUris {
  readonly #registry: Pick<UpstreamRegistry, 'watch'>;
  /** By server and its own URI; no id holds a space. */
  readonly #mounted = new Map<string, Map<string, number>>();

  constructor(registry: Pick<UpstreamRegistry, 'watch'>) {
    this.#registry = registry;
  }

  /** @param domain the one its mounted URI begins with. @throws as the registry does */
  async watch({ server, name }: CandidateRef, domain: string): Promise<Unwatch> {
    const key = `${server} ${name}`;
    const uri = mountedUri(domain, name);
    const counts = this.#mounted.get(key) ?? new Map<string, number>();
    this.#mounted.set(key, counts);
    counts.set(uri, (counts.get(uri) ?? 0) + 1);
    const forget = (): void => {
      const left = (counts.get(uri) ?? 0) - 1;
      if (left > 0) counts.set(uri, left);
      else counts.delete(uri);
      if (counts.size === 0 && this.#mounted.get(key) === counts) this.#mounted.delete(key);
    };
    try {
      const unwatch = await this.#registry.watch(server, name);
      let watching = true;
      return () => {
        if (!watching) return;
        watching = false;
        forget();
        unwatch();
      };
    } catch (thrown) {
      forget();
      throw thrown;
    }
  }

  /** The mounted URIs of a server's resource that somebody watches. */
  of(server: string, uri: string): readonly string[] {
    return [...(this.#mounted.get(`${server} ${uri}`)?.keys() ?? [])];
  }
}
