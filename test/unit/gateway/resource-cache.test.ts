import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../../src/errors.ts';
import { ResourceCache } from '../../../src/gateway/resources/resource-cache.ts';

const TTL = 1_000;
/** Each counts for more than the least size; room for three. */
const SIZE = 10_000;

function open(ttlMs = TTL) {
  let now = 0;
  const cache = new ResourceCache<{ serial: number }>({ ttlMs, maxBytes: 3 * SIZE, now: () => now }, () => SIZE);
  return {
    cache,
    pass: (ms: number) => {
      now += ms;
    },
  };
}

type Step =
  | { readonly do: 'get'; readonly key: string }
  | { readonly do: 'fail'; readonly key: string }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'forget'; readonly key: string };
const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: key.map((k) => ({ do: 'get' as const, key: k })) },
    { weight: 1, arbitrary: key.map((k) => ({ do: 'fail' as const, key: k })) },
    { weight: 2, arbitrary: fc.constantFrom(1, 400, 999, 1_000).map((ms) => ({ do: 'pass' as const, ms })) },
    { weight: 1, arbitrary: key.map((k) => ({ do: 'forget' as const, key: k })) },
  ),
  { maxLength: 60 },
);

/** The cache as a list, least used first: slow and plain. */
class Model {
  now = 0;
  rows: { key: string; serial: number; until: number }[] = [];
  hits = 0;
  misses = 0;
  evictions = 0;

  /** What is kept, or undefined when it has to be fetched. */
  ask(key: string): number | undefined {
    const row = this.rows.find((one) => one.key === key);
    this.rows = this.rows.filter((one) => one !== row);
    if (row === undefined || row.until <= this.now) {
      this.misses += 1;
      return undefined;
    }
    this.rows.push(row);
    this.hits += 1;
    return row.serial;
  }

  keep(key: string, serial: number): void {
    this.rows.push({ key, serial, until: this.now + TTL });
    if (this.rows.length > 3) {
      this.rows.shift();
      this.evictions += 1;
    }
  }
}

describe('the resource cache', () => {
  it('does what a plain list would do, and counts it', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const { cache, pass } = open();
        const model = new Model();
        let serial = 0;
        for (const step of all) {
          if (step.do === 'pass') {
            pass(step.ms);
            model.now += step.ms;
          } else if (step.do === 'forget') {
            cache.forget((one) => one === step.key);
            model.rows = model.rows.filter((one) => one.key !== step.key);
          } else {
            const known = model.ask(step.key);
            serial += 1;
            const made = serial;
            const fails = step.do === 'fail';
            const got = cache.get(step.key, async () => {
              if (fails) throw new Error('unreachable');
              return { serial: made };
            });
            if (known !== undefined) expect(await got).toEqual({ serial: known });
            else if (fails) await expect(got).rejects.toThrow('unreachable');
            else {
              expect(await got).toEqual({ serial: made });
              model.keep(step.key, made);
            }
          }
          const { hits, misses, evictions } = model;
          expect(cache.stats()).toMatchObject({
            hits,
            misses,
            evictions,
            total_requests: hits + misses,
            cached_items: model.rows.filter(({ until }) => model.now < until).length,
          });
        }
      }),
      { numRuns: 300 },
    );
  });

  it('with a time of 0 fetches for every request, at the same moment too', async () => {
    const { cache } = open(0);
    let fetches = 0;
    const fetch = async () => ({ serial: ++fetches });
    await Promise.all([cache.get('a', fetch), cache.get('a', fetch)]);
    await cache.get('a', fetch);
    expect(fetches).toBe(3);
    expect(cache.stats()).toMatchObject({ hits: 0, misses: 3, hit_rate: '0.00%', cached_items: 0 });
  });

  it('shares what is under way, failures too, and asks again afterwards', async () => {
    const { cache } = open();
    let fetches = 0;
    const fetch = async (): Promise<{ serial: number }> => {
      fetches += 1;
      if (fetches === 1) throw new Error('unreachable');
      return { serial: fetches };
    };
    const results = await Promise.allSettled(Array.from({ length: 10 }, () => cache.get('a', fetch)));
    expect(results.map(({ status }) => status)).toEqual(Array(10).fill('rejected'));
    const again = await Promise.all(Array.from({ length: 10 }, () => cache.get('a', fetch)));
    expect(again).toEqual(Array(10).fill({ serial: 2 }));
    expect(fetches).toBe(2);
  });

  it('shows its rate as the status does', async () => {
    const { cache } = open();
    const get = () => cache.get('a', async () => ({ serial: 1 }));
    expect(cache.stats().hit_rate).toBe('0.00%');
    for (let hit = 0; hit < 16; hit += 1) await get();
    for (let miss = 0; miss < 3; miss += 1) {
      cache.forget();
      await get();
    }
    expect(cache.stats()).toEqual({
      hits: 15,
      misses: 4,
      evictions: 0,
      total_requests: 19,
      hit_rate: '78.95%',
      cached_items: 1,
    });
  });

  it('one waiter leaves alone; the last one takes the fetch along', async () => {
    const { cache } = open();
    const first = new AbortController();
    const second = new AbortController();
    let aborted = false;
    const fetch = (signal: AbortSignal) =>
      new Promise<{ serial: number }>((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          aborted = true;
          reject(new Error('aborted'));
        });
      });
    const one = cache.get('a', fetch, first.signal);
    const two = cache.get('a', fetch, second.signal);
    await Promise.resolve();
    first.abort();
    await expect(one).rejects.toBeInstanceOf(CancelledError);
    expect(aborted).toBe(false);
    second.abort();
    await expect(two).rejects.toBeInstanceOf(CancelledError);
    expect(aborted).toBe(true);
    expect(await cache.get('a', async () => ({ serial: 1 }))).toEqual({ serial: 1 });
    await expect(cache.get('a', fetch, AbortSignal.abort())).rejects.toBeInstanceOf(CancelledError);
  });

  it('keeps nothing that was forgotten while it was under way', async () => {
    const { cache } = open();
    let arrive: (value: { serial: number }) => void = () => {};
    const old = cache.get(
      'a',
      () =>
        new Promise((resolve) => {
          arrive = resolve;
        }),
    );
    await Promise.resolve();
    cache.forget();
    const fresh = cache.get('a', async () => ({ serial: 2 }));
    arrive({ serial: 1 });
    expect(await old).toEqual({ serial: 1 });
    expect(await fresh).toEqual({ serial: 2 });
    expect(await cache.get('a', async () => ({ serial: 3 }))).toEqual({ serial: 2 });
  });
});
