import { describe, expect, it } from 'vitest';
import { median, quantile, ratioOfMedians, summarise } from '../../../bench/statistics.ts';

describe('statistics of the benchmarks', () => {
  it('takes the middle value, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 2, 4, 100])).toBe(7);
    expect(median([3])).toBe(3);
  });

  it('says NaN of nothing instead of a number that looks measured', () => {
    expect(median([])).toBeNaN();
    expect(quantile([], 0.99)).toBeNaN();
    expect(summarise([]).max).toBeNaN();
  });

  it('takes quantiles by nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
    expect(quantile(hundred, 0.5)).toBe(50);
    expect(quantile(hundred, 0.99)).toBe(99);
    expect(quantile(hundred, 1)).toBe(100);
    expect(quantile(hundred, 0)).toBe(1);
  });

  it('compares medians, so that one bad round does not decide', () => {
    expect(ratioOfMedians([300, 310, 20], [100, 100, 100])).toBe(3);
  });

  it('keeps the order of its input', () => {
    const rounds = [3, 1, 2];
    expect(summarise(rounds)).toEqual({ median: 2, min: 1, max: 3 });
    expect(rounds).toEqual([3, 1, 2]);
  });
});
