import { readdirSync, readFileSync } from 'node:fs';
import { expect, it, vi } from 'vitest';
import { timeLimit } from '../../src/time-limit.ts';
import { collectGarbage } from '../support/collect-garbage.ts';

it('comes when the time is over, whatever the garbage collector has thrown away meanwhile', async () => {
  const { signal } = timeLimit(new AbortController().signal, 200);
  await collectGarbage();
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

it('is what every file uses that joins a signal and a time', () => {
  const src = new URL('../../src/', import.meta.url);
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.ts'));
  const trapped = files.filter((path) => {
    const code = readFileSync(new URL(path, src), 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
    return code.includes('AbortSignal.any(') && code.includes('AbortSignal.timeout(');
  });
  expect(files.length).toBeGreaterThan(100);
  expect(trapped).toEqual([]);
});
