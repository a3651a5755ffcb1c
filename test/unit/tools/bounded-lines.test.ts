import { afterEach, expect, it, vi } from 'vitest';
import { BoundedLines } from '../../../src/tools/bounded-lines.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('a flood is counted beyond so many lines a minute, and the count is written without anybody asking', () => {
  vi.useFakeTimers();
  const written: string[] = [];
  const lines = new BoundedLines<string>({
    write: (line) => written.push(line),
    more: (count) => `+${count}`,
    perMinute: 2,
  });
  for (let index = 0; index < 1_000; index += 1) lines.add('a');
  expect(written).toEqual(['a', 'a']);
  vi.advanceTimersByTime(60_000);
  expect(written).toEqual(['a', 'a', '+998']);
  lines.add('b');
  vi.advanceTimersByTime(60_000);
  for (const line of ['c', 'd', 'e']) lines.add(line);
  lines.close();
  expect(written).toEqual(['a', 'a', '+998', 'b', 'c', 'd', '+1']);
  expect(vi.getTimerCount()).toBe(0);
});

it('the flood of one source hides nothing of another, and of very many the last are counted together', () => {
  const written: string[] = [];
  const lines = new BoundedLines<string>({
    write: (line) => written.push(line),
    more: (count, source) => `${source}+${count}`,
    perMinute: 1,
  });
  for (let index = 0; index < 5; index += 1) lines.add('a', 'loud');
  lines.add('b', 'quiet');
  lines.close();
  expect(written.splice(0)).toEqual(['a', 'b', 'loud+4']);
  for (let index = 0; index < 1_000; index += 1) lines.add('c', `s${index}`);
  lines.close();
  expect(written).toEqual([...Array<string>(201).fill('c'), '+799']);
});
