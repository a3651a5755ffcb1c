import { describe, expect, it } from 'vitest';
import { leastSeconds } from '../../../bench/fan-out-limit.ts';

const least = (companies: number, pages: number, latencySeconds = 0.2): number =>
  leastSeconds({ companies, pages, latencySeconds });

describe('the least time of a fan-out', () => {
  it('is one call when everything fits in one page', () => {
    expect(least(1, 1)).toBeCloseTo(0.2);
    expect(least(200, 1)).toBeCloseTo(0.2);
  });

  it('adds one latency for every four further pages', () => {
    expect(least(1, 5)).toBeCloseTo(0.4);
    expect(least(1, 10)).toBeCloseTo(0.8);
    expect(least(50, 10)).toBeCloseTo(0.8);
  });

  it('waits a minute for every 240 pages of one company', () => {
    expect(least(1, 240)).toBeCloseTo(0.2 * 61);
    expect(least(1, 241)).toBeCloseTo(60 + 0.2 * 61);
  });

  it('waits a minute for every 960 calls of the address', () => {
    expect(least(96, 10)).toBeCloseTo(0.8);
    expect(least(97, 10)).toBeCloseTo(60.2);
    expect(least(200, 10)).toBeCloseTo(120.2);
  });

  it('is never less than the work itself', () => {
    expect(least(900, 1, 0)).toBeCloseTo(900 * 0.000_12);
  });
});
