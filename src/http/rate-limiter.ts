import type { RateLimiterMemory } from 'rate-limiter-flexible';

/** One thing that is limited. */
export interface Charge {
  /** What is counted, e.g. `principal`; keys of different buckets are apart. */
  readonly bucket: string;
  readonly key: string;
  readonly perMinute: number;
  readonly points?: number;
}

/** Counts requests by key and minute. Where the counts lie is its own affair: here, or in a store that replicas share. */
export interface RateLimiter {
  /**
   * How many milliseconds to wait, or undefined when there was room. Does not reject: a store that fails must not shut
   * the door.
   */
  take(charge: Charge): Promise<number | undefined>;
}

const windowSeconds = 60;

/** Counts in this process's memory. A key is forgotten a minute after its first request. */
export class MemoryRateLimiter implements RateLimiter {
  /** By bucket and limit; made with the first request that has one, for loading the library takes 30 ms. */
  readonly #limiters = new Map<string, Promise<RateLimiterMemory>>();

  async take({ bucket, key, perMinute, points = 1 }: Charge): Promise<number | undefined> {
    try {
      const limiter = await this.#limiterOf(bucket, perMinute);
      await limiter.consume(key, points);
      return undefined;
    } catch (refusal) {
      return waitOf(refusal);
    }
  }

  #limiterOf(bucket: string, perMinute: number): Promise<RateLimiterMemory> {
    const name = `${bucket}:${perMinute}`;
    let limiter = this.#limiters.get(name);
    if (limiter === undefined) {
      limiter = import('rate-limiter-flexible').then(
        ({ RateLimiterMemory: Memory }) => new Memory({ keyPrefix: name, points: perMinute, duration: windowSeconds }),
      );
      this.#limiters.set(name, limiter);
      // The next request tries again.
      limiter.catch(() => this.#limiters.delete(name));
    }
    return limiter;
  }
}

/** The library rejects with the state of the key; anything else is a failure and stops nobody. */
function waitOf(refusal: unknown): number | undefined {
  if (typeof refusal !== 'object' || refusal === null || !('msBeforeNext' in refusal)) return undefined;
  return Math.max(1, Number(refusal.msBeforeNext));
}
