import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CredentialCache } from '../../../src/companies/credential-cache.ts';
import { file, setOf } from './credential-files.ts';

const { content: set } = setOf(file(8));
const ids = [...set.companies.keys()];

type Step = { get: string } | { drop: string } | { wait: number };

/** The same promises in the plainest way: an array, oldest use first. */
class Model {
  entries: { id: string; since: number }[] = [];
  hits = 0;
  misses = 0;
  evictions = 0;
  now = 1_000;
  readonly max: number;
  readonly ttl: number;

  constructor(max: number, ttl: number) {
    this.max = max;
    this.ttl = ttl;
  }

  get(id: string): void {
    const found = this.entries.find((entry) => entry.id === id);
    this.drop(id);
    if (found !== undefined && this.now - found.since <= this.ttl) {
      this.hits += 1;
      this.entries.push(found);
      return;
    }
    this.misses += 1;
    if (this.entries.length === this.max) {
      this.entries.shift();
      this.evictions += 1;
    }
    this.entries.push({ id, since: this.now });
  }

  drop(id: string): void {
    this.entries = this.entries.filter((entry) => entry.id !== id);
  }

  purge(): void {
    this.entries = this.entries.filter((entry) => this.now - entry.since <= this.ttl);
  }
}

describe('CredentialCache', () => {
  it('counts hits, misses and evictions as a plain LRU with a TTL does', () => {
    const id = fc.constantFrom(...ids);
    const step: fc.Arbitrary<Step> = fc.oneof(
      { weight: 8, arbitrary: fc.record({ get: id }) },
      { weight: 1, arbitrary: fc.record({ drop: id }) },
      { weight: 2, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 80 }) }) },
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.array(step, { maxLength: 80 }), (max, steps) => {
        const model = new Model(max, 100);
        const cache = new CredentialCache({
          maxEntries: max,
          ttlMs: 100,
          monotonic: () => model.now,
          resolve: (wanted) => set.companies.get(wanted),
        });
        for (const one of steps) {
          if ('get' in one) {
            model.get(one.get);
            expect(cache.get(one.get)?.company.id).toBe(one.get);
          } else if ('drop' in one) {
            model.drop(one.drop);
            cache.drop(one.drop);
          } else model.now += one.wait;
        }
        model.purge();
        const { hits, misses, evictions, total_requests, cached_items } = cache.stats();
        expect({ hits, misses, evictions, total_requests, cached_items }).toEqual({
          hits: model.hits,
          misses: model.misses,
          evictions: model.evictions,
          total_requests: model.hits + model.misses,
          cached_items: model.entries.length,
        });
      }),
      { numRuns: 300 },
    );
  });

  it('shows the rate with two decimals, and 0.00% before anything was asked', () => {
    const cache = new CredentialCache({ maxEntries: 5, ttlMs: 1_000, resolve: (id) => set.companies.get(id) });
    expect(cache.stats().hit_rate).toBe('0.00%');
    for (let turn = 0; turn < 19; turn += 1) cache.get(ids[turn % 4] ?? '');
    expect(cache.stats()).toMatchObject({ hits: 15, misses: 4, hit_rate: '78.95%', cached_items: 4 });
  });

  it('resolves once, and again what nobody was found for', () => {
    let resolved = 0;
    const resolve = (id: string) => {
      resolved += 1;
      return set.companies.get(id);
    };
    const cache = new CredentialCache({ maxEntries: 5, ttlMs: 1_000, resolve });
    for (let time = 0; time < 50; time += 1) cache.get('empresa_1');
    expect(resolved).toBe(1);
    for (let time = 0; time < 2; time += 1) expect(cache.get('empresa_999')).toBeUndefined();
    expect(resolved).toBe(3);
    expect(cache.stats()).toMatchObject({ hits: 49, misses: 3, cached_items: 1 });
  });
});
