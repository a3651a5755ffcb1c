import { expect, it } from 'vitest';
import { MAX_VALUE_BYTES, type SharedStore } from '../../../src/coordination/coordination.ts';

/** What every store promises, whatever it keeps its values in. */
export function describeStore(open: () => SharedStore): void {
  it('gives back what was set, to its principal alone, until it is deleted', async () => {
    const store = open();
    await store.set('ana', 'dominios', '["omie"]', 60_000);
    await store.set('ana', 'dominios', '["omie","crm"] ção', 60_000);
    await store.set('bia', 'dominios', '[]', 60_000);
    expect(await store.get('ana', 'dominios')).toBe('["omie","crm"] ção');
    expect(await store.get('bia', 'dominios')).toBe('[]');
    expect(await store.get('ana', 'outra')).toBeUndefined();
    await store.delete('ana', 'dominios');
    expect(await store.get('ana', 'dominios')).toBeUndefined();
    expect(await store.get('bia', 'dominios')).toBe('[]');
  });

  it('keeps names apart that look alike when put together', async () => {
    const store = open();
    await store.set('a', 'b c', '1', 60_000);
    await store.set('a b', 'c', '2', 60_000);
    await store.set('__proto__', 'constructor', '3', 60_000);
    expect(await store.get('a', 'b c')).toBe('1');
    expect(await store.get('a b', 'c')).toBe('2');
    expect(await store.get('__proto__', 'constructor')).toBe('3');
    expect(await store.get('__proto__', 'toString')).toBeUndefined();
  });

  it('forgets when the time is over, counted from the last set', async () => {
    const store = open();
    await store.set('caio', 'x', '1', 60_000);
    await store.set('caio', 'x', '2', 100);
    expect(await store.get('caio', 'x')).toBe('2');
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(await store.get('caio', 'x')).toBeUndefined();
  });

  it('refuses what it would not hold', async () => {
    const store = open();
    await expect(store.set('dora', 'x', 'ç'.repeat(MAX_VALUE_BYTES / 2 + 1), 1_000)).rejects.toThrow(RangeError);
    await expect(store.set('dora', 'x', '1', 0)).rejects.toThrow(RangeError);
    await expect(store.set('dora', 'x', '1', Number.NaN)).rejects.toThrow(RangeError);
    await store.set('dora', 'x', 'ç'.repeat(MAX_VALUE_BYTES / 2), 1_000);
    expect((await store.get('dora', 'x'))?.length).toBe(MAX_VALUE_BYTES / 2);
  });

  it('gives several values at once, in the order asked for, and keeps at once what must be kept', async () => {
    const store = open();
    await store.set('gil', 'a', '1', 60_000);
    expect(await store.setNow('gil', 'b', '2', 60_000)).toBe(true);
    expect(await store.getMany('gil', ['b', 'none', 'a'])).toEqual(['2', undefined, '1']);
    await expect(store.setNow('gil', 'b', '3', 0)).rejects.toThrow(RangeError);
  });

  it('agrees on the first proposal, and on one alone when many come at once', async () => {
    const store = open();
    const agreed = await Promise.all(Array.from({ length: 12 }, (_, at) => store.agree('key', `proposal ${at}`)));
    expect(new Set(agreed).size).toBe(1);
    expect(await store.agree('key', 'late')).toBe(agreed[0]);
    expect(await store.agree('other', 'first')).toBe('first');
  });
}
