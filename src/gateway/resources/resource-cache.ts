import { LRUCache } from 'lru-cache';
import { CancelledError } from '../../errors.ts';

export interface ResourceCacheOptions {
  /** How long a resource stays fresh, in milliseconds; 0 = no caching at all: every request fetches. */
  readonly ttlMs: number;
  /** Memory for all of them, as `sizeOf` counts it; the least used go first. Default 32 MiB. */
  readonly maxBytes?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** Public names (contract): `cache_stats` of the status routes and tools. */
export interface CacheStats {
  /** Answered without a fetch of its own: from the cache, or from one already under way. */
  readonly hits: number;
  readonly misses: number;
  /** Dropped to make room; not those whose time was over. */
  readonly evictions: number;
  readonly total_requests: number;
  /** e.g. `78.95%`. */
  readonly hit_rate: string;
  readonly cached_items: number;
}

interface Flight<V> {
  readonly promise: Promise<V>;
  readonly controller: AbortController;
  waiters: number;
  /** Cleared when the key is forgotten meanwhile: what arrives then is already outdated. */
  keep: boolean;
}

interface Entry<V> {
  readonly value: V;
  readonly bytes: number;
  readonly freshUntil: number;
}

const DEFAULT_MAX_BYTES = 32 * 1_048_576;
/** What an entry counts for at least, so that ten thousand tiny ones are the most there are. */
const LEAST_BYTES = 3_328;

/** Resources by key, with requests for one key in flight shared. Failures are not remembered. */
export class ResourceCache<V> {
  readonly #ttlMs: number;
  readonly #now: () => number;
  readonly #sizeOf: (value: V) => number;
  readonly #entries: LRUCache<string, Entry<V>>;
  readonly #flights = new Map<string, Flight<V>>();
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  /** @param sizeOf bytes of a value, roughly */
  constructor(options: ResourceCacheOptions, sizeOf: (value: V) => number) {
    this.#ttlMs = options.ttlMs;
    this.#now = options.now ?? (() => performance.now());
    this.#sizeOf = sizeOf;
    const maxSize = options.maxBytes ?? DEFAULT_MAX_BYTES;
    this.#entries = new LRUCache({
      maxSize,
      // No `max`: for one, lru-cache would lay out room for all of them at the start.
      sizeCalculation: ({ bytes }) => bytes,
      dispose: (_entry, _key, reason) => {
        if (reason === 'evict') this.#evictions += 1;
      },
    });
  }

  /**
   * The fresh value, or the one under way, or a new one. A waiter that aborts gets `CancelledError` and leaves the
   * others waiting; when the last one leaves, the fetch itself is aborted.
   */
  async get(key: string, fetch: (signal: AbortSignal) => Promise<V>, signal?: AbortSignal): Promise<V> {
    if (signal?.aborted) throw new CancelledError();
    const known = this.#ttlMs === 0 ? undefined : this.#fresh(key);
    if (known !== undefined) {
      this.#hits += 1;
      return known.value;
    }
    const underWay = this.#ttlMs === 0 ? undefined : this.#flights.get(key);
    if (underWay === undefined) this.#misses += 1;
    else this.#hits += 1;
    return this.#wait(key, underWay ?? this.#launch(key, fetch), signal);
  }

  /** Drops what is kept under keys that `fits`, and keeps nothing of what is under way for them. */
  forget(fits: (key: string) => boolean = () => true): void {
    for (const key of [...this.#entries.keys()]) if (fits(key)) this.#entries.delete(key);
    for (const [key, flight] of this.#flights) {
      if (!fits(key)) continue;
      flight.keep = false;
      this.#flights.delete(key);
    }
  }

  stats(): CacheStats {
    const total = this.#hits + this.#misses;
    const now = this.#now();
    return {
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
      total_requests: total,
      hit_rate: `${(total === 0 ? 0 : (100 * this.#hits) / total).toFixed(2)}%`,
      cached_items: [...this.#entries.values()].filter(({ freshUntil }) => now < freshUntil).length,
    };
  }

  #fresh(key: string): Entry<V> | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#now() < entry.freshUntil) return entry;
    this.#entries.delete(key);
    return undefined;
  }

  #launch(key: string, fetch: (signal: AbortSignal) => Promise<V>): Flight<V> {
    const controller = new AbortController();
    const promise = Promise.resolve().then(() => fetch(controller.signal));
    const flight: Flight<V> = { promise, controller, waiters: 0, keep: this.#ttlMs > 0 };
    if (flight.keep) this.#flights.set(key, flight);
    promise.then(
      (value) => this.#land(key, flight, value),
      () => this.#land(key, flight),
    );
    return flight;
  }

  #land(key: string, flight: Flight<V>, value?: V): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
    if (!flight.keep || value === undefined) return;
    const bytes = Math.max(LEAST_BYTES, Math.ceil(this.#sizeOf(value)));
    this.#entries.set(key, { value, bytes, freshUntil: this.#now() + this.#ttlMs });
  }

  #wait(key: string, flight: Flight<V>, signal: AbortSignal | undefined): Promise<V> {
    flight.waiters += 1;
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        flight.waiters -= 1;
        if (flight.waiters === 0) this.#abandon(key, flight);
        reject(new CancelledError());
      };
      signal?.addEventListener('abort', leave, { once: true });
      flight.promise.then(resolve, reject).finally(() => signal?.removeEventListener('abort', leave));
    });
  }

  #abandon(key: string, flight: Flight<V>): void {
    flight.keep = false;
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
    flight.controller.abort();
  }
}
