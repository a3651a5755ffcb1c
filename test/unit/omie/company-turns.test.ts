import { describe, expect, it } from 'vitest';
import { CompanyTurns, WINDOW_MS } from '../../../src/omie/company-turns.ts';
import type { Waiter } from '../../../src/omie/lane.ts';

const waiter = (): Waiter => ({ gone: false, grant: () => {}, giveUp: () => {} });

/** A company and the times it asked to be woken at. */
function company(perMinute = 960) {
  const turns = new CompanyTurns(perMinute);
  const wakes: number[] = [];
  const take = (now: number): Waiter | undefined => turns.takeTurn(now, (at) => wakes.push(at));
  const join = (method: string): Waiter => {
    const one = waiter();
    turns.join(turns.openLane(method), one);
    return one;
  };
  return { turns, wakes, take, join };
}

describe('CompanyTurns', () => {
  it('gives its methods turns one after the other', () => {
    const { take, join } = company();
    const [a1, a2, b1] = [join('A'), join('A'), join('B')];
    expect([take(1_000), take(1_000), take(1_000)]).toEqual([a1, b1, a2]);
    expect([take(1_000)]).toEqual([undefined]);
  });

  it('asks to be woken when a method that Omie paused may go, and lets the others pass meanwhile', () => {
    const { turns, wakes, take, join } = company();
    const [paused, other] = [join('A'), join('B')];
    turns.openLane('A').pausedUntil = 21_000;
    expect(take(1_000)).toBe(other);
    expect(wakes).toEqual([21_000]);
    expect(take(21_000)).toBe(paused);
  });

  it('a limit its owner changed starts a minute of its own, and the methods go on', () => {
    const { turns, wakes, take, join } = company(1);
    const [first, second] = [join('A'), join('B')];
    turns.openLane('B').pausedUntil = 3_000;
    expect(take(1_000)).toBe(first);
    expect(take(2_000)).toBeUndefined();
    turns.limitTo(1);
    expect(take(2_000)).toBeUndefined();
    expect(wakes).toEqual([1_000 + WINDOW_MS, 1_000 + WINDOW_MS]);
    turns.limitTo(2);
    expect(take(2_000)).toBeUndefined();
    expect(wakes.at(-1)).toBe(3_000);
    expect(take(3_000)).toBe(second);
  });
});
