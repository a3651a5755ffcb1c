import { expect, it, vi } from 'vitest';
import { Subscriptions } from '../../../src/server/subscriptions.ts';

it('watches once and stops with the subscription, or with the connection', async () => {
  const [first, second] = [vi.fn(), vi.fn()];
  const subscriptions = new Subscriptions();
  const watch = vi.fn(async () => first);
  await subscriptions.add('a', watch);
  await subscriptions.add('a', watch);
  expect(watch).toHaveBeenCalledTimes(1);
  await subscriptions.add('b', async () => second);
  subscriptions.remove('a');
  expect([first, second].map(({ mock }) => mock.calls.length)).toEqual([1, 0]);
  subscriptions.close();
  expect(second).toHaveBeenCalledTimes(1);
  expect(subscriptions.size).toBe(0);
});

it('lets go of what was taken back while it was beginning, and forgets what was refused', async () => {
  const subscriptions = new Subscriptions();
  const stop = vi.fn();
  const beginning = subscriptions.add('a', async () => stop);
  subscriptions.remove('a');
  await beginning;
  expect(stop).toHaveBeenCalledTimes(1);
  expect(subscriptions.has('a')).toBe(false);
  await expect(subscriptions.add('b', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(subscriptions.size).toBe(0);
});
