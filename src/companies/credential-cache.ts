import { LRUCache } from 'lru-cache';
import type { CompanyCredentials } from './company.ts';

export interface CredentialCacheOptions {
  /** At least 1. */
  readonly maxEntries: number;
  /** Milliseconds from the moment the keys were resolved. */
  readonly ttlMs: number;
  /** The keys of the set in use; undefined when it has no such company. */
  readonly resolve: (id: string) => CompanyCredentials | undefined;
  readonly monotonic?: (() => number) | undefined;
}

/** As `get_session_status` shows it. `hits + misses = total_requests`. */
export interface CacheStats {
  readonly hits: number;
  readonly misses: number;
  /** Entries pushed out for lack of room; expiry and reloads do not count. */
  readonly evictions: number;
  readonly total_requests: number;
  /** e.g. `78.95%`. */
  readonly hit_rate: string;
  readonly cached_items: number;
}

/** Resolved keys, least recently used out first, none older than the TTL. */
export class CredentialCache {
  readonly #cache: LRUCache<string, CompanyCredentials>;
  readonly #resolve: CredentialCacheOptions['resolve'];
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  constructor({ maxEntries, ttlMs, resolve, monotonic }: CredentialCacheOptions) {
    this.#cache = new LRUCache({
      max: maxEntries,
      ttl: ttlMs,
      // Ask the clock every time: with a test's clock the cached reading would go stale.
      ttlResolution: 0,
      ...(monotonic === undefined ? {} : { perf: { now: monotonic } }),
      dispose: (_value, _id, reason) => {
        if (reason === 'evict') this.#evictions += 1;
      },
    });
    this.#resolve = resolve;
  }

  get(id: string): CompanyCredentials | undefined {
    const known = this.#cache.get(id);
    if (known !== undefined) {
      this.#hits += 1;
      return known;
    }
    this.#misses += 1;
    const resolved = this.#resolve(id);
    if (resolved !== undefined) this.#cache.set(id, resolved);
    return resolved;
  }

  drop(id: string): void {
    this.#cache.delete(id);
  }

  clear(): void {
    this.#cache.clear();
  }

  stats(): CacheStats {
    this.#cache.purgeStale();
    const total = this.#hits + this.#misses;
    return {
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      total_requests: total,
      hit_rate: `${(total === 0 ? 0 : (this.#hits / total) * 100).toFixed(2)}%`,
      cached_items: this.#cache.size,
    };
  }
}
