import { LRUCache } from 'lru-cache';
import { MAX_VALUE_BYTES, type SharedStore } from './coordination.ts';

/** Values of all principals together; the ones longest unused go first. */
const MAX_BYTES = 16 * 1_048_576;

/** The store of a single process: gone with it. */
export class MemoryStore implements SharedStore {
  readonly #values = new LRUCache<string, string>({
    maxSize: MAX_BYTES,
    sizeCalculation: (value, key) => value.length + key.length + 1,
    ttl: 1,
    ttlAutopurge: false,
  });
  readonly #agreed = new Map<string, string>();

  async get(principal: string, key: string): Promise<string | undefined> {
    return this.#values.get(nameOf(principal, key));
  }

  async getMany(principal: string, keys: readonly string[]): Promise<(string | undefined)[]> {
    return Promise.all(keys.map((key) => this.get(principal, key)));
  }

  async set(principal: string, key: string, value: string, ttlMs: number): Promise<void> {
    checkValue(value, ttlMs);
    this.#values.set(nameOf(principal, key), value, { ttl: Math.ceil(ttlMs) });
  }

  async setNow(principal: string, key: string, value: string, ttlMs: number): Promise<boolean> {
    await this.set(principal, key, value, ttlMs);
    return true;
  }

  async delete(principal: string, key: string): Promise<void> {
    this.#values.delete(nameOf(principal, key));
  }

  async agree(name: string, proposal: string): Promise<string> {
    const agreed = this.#agreed.get(name) ?? proposal;
    this.#agreed.set(name, agreed);
    return agreed;
  }
}

/** No principal can be spelt so that it reaches into another's values. */
const nameOf = (principal: string, key: string): string => JSON.stringify([principal, key]);

/** @throws RangeError */
export function checkValue(value: string, ttlMs: number): void {
  if (!(ttlMs > 0)) throw new RangeError('The time to live must be positive.');
  if (Buffer.byteLength(value) > MAX_VALUE_BYTES)
    throw new RangeError(`A value holds ${MAX_VALUE_BYTES} bytes at most.`);
}
