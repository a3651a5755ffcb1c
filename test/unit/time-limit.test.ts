import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it, vi } from 'vitest';
import { timeLimit } from '../../src/time-limit.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: unknown = runInNewContext('gc');

it('comes when the time is over, whatever the garbage collector has thrown away meanwhile', async () => {
  const { signal } = timeLimit(new AbortController().signal, 200);
  for (let n = 0; n < 5; n += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    if (typeof collectGarbage === 'function') collectGarbage();
  }
  await vi.waitFor(() => expect(signal.aborted).toBe(true), { timeout: 10_000 });
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
});

it('comes with the other signal, and with its reason', () => {
  const other = new AbortController();
  const { signal, end } = timeLimit(other.signal, 60_000);
  other.abort('enough');
  expect([signal.aborted, signal.reason]).toEqual([true, 'enough']);
  end();
  const late = timeLimit(other.signal, 60_000);
  expect(late.signal.reason).toBe('enough');
  late.end();
});

it('leaves nothing behind once it is ended', () => {
  vi.useFakeTimers();
  const other = new AbortController();
  const { signal, end } = timeLimit(other.signal, 10);
  end();
  expect(vi.getTimerCount()).toBe(0);
  other.abort();
  expect(signal.aborted).toBe(false);
  vi.useRealTimers();
});
