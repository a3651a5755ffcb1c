import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MemoryRateLimiter } from '../../../src/http/rate-limiter.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

it('lets so many in a minute, says how long to wait, and then lets in again', async () => {
  const limiter = new MemoryRateLimiter();
  const take = (key: string, points = 1) => limiter.take({ bucket: 'b', key, perMinute: 3, points });
  expect([await take('a'), await take('a', 2)]).toEqual([undefined, undefined]);
  vi.advanceTimersByTime(20_000);
  expect(await take('a')).toBe(40_000);
  expect(await take('b')).toBeUndefined();
  expect(await limiter.take({ bucket: 'c', key: 'a', perMinute: 3 })).toBeUndefined();
  vi.advanceTimersByTime(40_001);
  expect(await take('a')).toBeUndefined();
});
