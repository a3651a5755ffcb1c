import { describe, expect, it } from 'vitest';
import { canonicalJson, requestKey } from '../../../src/omie/request-key.ts';
import { type CachedReply, ResponseCache } from '../../../src/omie/response-cache.ts';
import { manualClock } from './manual-clock.ts';

interface Answer {
  n: number;
}

const opened = () => {
  const clock = manualClock();
  const cache = new ResponseCache<Answer>(clock);
  let requests = 0;
  let aborted = 0;
  /** Takes `ms` on the clock; fails when told. */
  const ask = (
    key: string,
    { signal, ms = 0, fail, owner = 'o' }: { signal?: AbortSignal; ms?: number; fail?: Error; owner?: string } = {},
  ) =>
    cache.get(
      key,
      owner,
      signal,
      (inner) =>
        new Promise<CachedReply<Answer>>((resolve, reject) => {
          requests += 1;
          const n = requests;
          inner.addEventListener('abort', () => {
            aborted += 1;
            reject(new Error('aborted'));
          });
          clock.after(ms, () => (fail ? reject(fail) : resolve({ value: { n }, bytes: 10, arrivedAt: clock.now() })));
        }),
    );
  return { clock, cache, ask, count: () => ({ requests, aborted }) };
};

describe('ResponseCache', () => {
  it('answers from memory for 61 s counted from the arrival of the reply', async () => {
    const { clock, ask, count, cache } = opened();
    const first = ask('a', { ms: 5_000 });
    await clock.advance(5_000);
    expect(await first).toEqual({ value: { n: 1 }, origin: 'fetched' });
    await clock.advance(60_999);
    expect((await ask('a')).origin).toBe('cached');
    await clock.advance(1);
    const again = ask('a');
    await clock.advance(0);
    expect((await again).value.n).toBe(2);
    expect(count().requests).toBe(2);
    expect(cache.stats).toEqual({ hits: 1, misses: 2, shared: 0 });
  });

  it('sends one request for identical questions in flight', async () => {
    const { clock, ask, count } = opened();
    const all = [ask('a', { ms: 100 }), ask('a'), ask('a'), ask('b', { ms: 100 })];
    await clock.advance(100);
    expect((await Promise.all(all)).map((one) => one.value.n)).toEqual([1, 1, 1, 2]);
    expect(count().requests).toBe(2);
  });

  it('lets one waiter leave without hurting the others, and stops when the last one left', async () => {
    const { clock, ask, count } = opened();
    const [one, two] = [new AbortController(), new AbortController()];
    const first = ask('a', { ms: 100, signal: one.signal });
    const second = ask('a', { signal: two.signal });
    one.abort();
    await expect(first).rejects.toMatchObject({ code: 'cancelado' });
    expect(count().aborted).toBe(0);
    await clock.advance(100);
    expect((await second).value.n).toBe(1);

    const third = ask('b', { ms: 100, signal: two.signal });
    two.abort();
    await expect(third).rejects.toMatchObject({ code: 'cancelado' });
    expect(count().aborted).toBe(1);
    const fourth = ask('b', { ms: 1 });
    await clock.advance(1);
    expect((await fourth).value.n).toBe(3);
  });

  it('remembers no failure, and shares one among those who waited', async () => {
    const { clock, ask, count } = opened();
    const both = Promise.allSettled([ask('a', { ms: 10, fail: new Error('x') }), ask('a')]);
    await clock.advance(10);
    expect((await both).map((one) => one.status)).toEqual(['rejected', 'rejected']);
    const next = ask('a');
    await clock.advance(0);
    await next;
    expect(count().requests).toBe(2);
  });

  it('gives no owner the reply or the request of another, nor as a stand-in for a refused repeat', async () => {
    const { clock, ask, cache, count } = opened();
    const both = [ask('k1 a', { ms: 50, owner: 'old' }), ask('k1 a', { ms: 60, owner: 'new' })];
    await clock.advance(50);
    expect(cache.recall('k1 a', 'new', ({ n }) => n)).toBeUndefined();
    expect(cache.stale('k1 a', 'old')?.value.n).toBe(1);
    expect(cache.stale('k1 a', 'new')).toBeUndefined();
    await clock.advance(10);
    expect((await Promise.all(both)).map(({ value }) => value.n)).toEqual([1, 2]);
    expect((await ask('k1 a', { owner: 'new' })).origin).toBe('cached');
    expect(count().requests).toBe(2);
  });

  it('serves an application that was let go and came back, and then frees what is past use', async () => {
    const { clock, ask, cache, count } = opened();
    const early = [ask('k1 a'), ask('k2 a')];
    const late = ask('k1 b', { ms: 30_000 });
    await clock.advance(1_000);
    cache.letGo('k1 ');
    await clock.advance(29_000);
    await Promise.all([...early, late]);
    expect((await ask('k1 a')).origin).toBe('cached');
    expect(count().requests).toBe(3);
    await clock.advance(210_000);
    const back = ask('k1 c');
    await clock.advance(0);
    await back;
    expect(cache.size).toBe(4);
    await clock.advance(1_000);
    expect(cache.size).toBe(2);
    expect(cache.stale('k1 c', 'o')?.value.n).toBe(4);
  });

  it('closed, ends what is in flight, and starts nothing', async () => {
    const { ask, cache, count } = opened();
    const ended = [ask('k1 a', { ms: 50 }), ask('k2 a', { ms: 50, signal: new AbortController().signal })];
    cache.close();
    const outcomes = await Promise.allSettled(ended);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(ask('k3 a')).rejects.toMatchObject({ code: 'cancelado' });
    expect(count()).toEqual({ requests: 2, aborted: 2 });
  });

  it('keeps an old answer for a while, for when Omie refuses to repeat it', async () => {
    const { clock, ask, cache } = opened();
    const first = ask('a');
    await clock.advance(0);
    await first;
    await clock.advance(179_000);
    expect(cache.stale('a', 'o')?.value.n).toBe(1);
    await clock.advance(2_000);
    expect(cache.stale('a', 'o')).toBeUndefined();
  });
});

describe('canonicalJson', () => {
  it('does not depend on the order of keys, and leaves out what is undefined', () => {
    expect(canonicalJson({ b: 1, a: [{ d: undefined, c: 'x"' }] })).toBe('{"a":[{"c":"x\\""}],"b":1}');
    expect(canonicalJson({ a: [{ c: 'x"' }], b: 1 })).toBe(canonicalJson({ b: 1, a: [{ c: 'x"' }] }));
    expect(requestKey('k', 'c', canonicalJson({ a: 1 }))).not.toBe(requestKey('k', 'c', canonicalJson({ a: '1' })));
  });
});
