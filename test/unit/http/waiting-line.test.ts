import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { WaitingLine } from '../../../src/http/waiting-line.ts';

/** A line whose clock and processor time stand still until told otherwise. */
function openLine() {
  const at = { ms: 0, cpuMs: 0 };
  const line = new WaitingLine({ now: () => at.ms, readCpuMs: () => at.cpuMs });
  let begun = 0;
  const join = (count: number, costMs = 0): void => {
    for (let n = 0; n < count; n += 1) {
      line.join(() => {
        begun += 1;
        at.cpuMs += costMs;
      });
    }
  };
  return { line, at, join, begun: () => begun };
}

/** How many find room one after another, up to a thousand. */
function room({ line, join }: ReturnType<typeof openLine>): number {
  let count = 0;
  for (; count < 1_000 && !line.isFull(); count += 1) join(1);
  return count;
}

it('begins a few in each turn of the event loop, first come first served', async () => {
  const line = new WaitingLine();
  const begun: number[] = [];
  for (let n = 0; n < 20; n += 1) line.join(() => begun.push(n));
  expect(begun).toEqual([]);
  await turn();
  expect(begun).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  line.join(() => begun.push(20));
  await turn();
  expect(begun.length).toBe(16);
  await turn();
  expect(begun).toEqual(Array.from({ length: 21 }, (_, n) => n));
});

it('lets others have their turn in between', async () => {
  const line = new WaitingLine();
  const order: string[] = [];
  for (let n = 0; n < 9; n += 1) line.join(() => order.push('line'));
  setImmediate(() => order.push('other'));
  await turn();
  await turn();
  expect(order.at(-1)).toBe('line');
  expect(order.indexOf('other')).toBe(8);
});

it('has room for a burst, and is kept short for a while once that was too much', async () => {
  const open = openLine();
  expect(room(open)).toBe(256);
  while (open.begun() < 256) await turn();
  expect(room(open)).toBe(64);
  open.at.ms = 29_999;
  while (open.begun() < 256 + 64) await turn();
  expect(room(open)).toBe(64);
  open.at.ms = 30_000;
  while (open.begun() < 256 + 64 + 64) await turn();
  expect(room(open)).toBe(256);
});

it('is longer the less processor time a request takes', async () => {
  const open = openLine();
  for (let n = 0; n < 6; n += 1) {
    open.join(320, 0.25);
    while (open.begun() < 320 * (n + 1)) await turn();
  }
  // 200 ms of processor time, told within the twentieth part: the first guess fades.
  const burst = room(open);
  expect(burst).toBeGreaterThan(420);
  expect(burst).toBeLessThanOrEqual(800);
});

it('does not count the time in which others had the machine', async () => {
  const open = openLine();
  for (let n = 0; n < 6; n += 1) {
    open.join(320);
    while (open.begun() < 320 * (n + 1)) {
      open.at.ms += 1_000;
      await turn();
    }
  }
  expect(room(open)).toBe(1_000);
});

it('never lacks room for a few, however dear they are', async () => {
  const open = openLine();
  open.join(320, 500);
  while (open.begun() < 320) await turn();
  expect(room(open)).toBe(256);
  while (open.begun() < 320 + 256) await turn();
  expect(room(open)).toBe(64);
});
