import { setImmediate as turn } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { Turns } from '../../../src/omie/turns.ts';

function desk(size: number) {
  const turns = new Turns(size);
  const desk = {
    served: '',
    ask(names: string, how: 'next' | 'later' = 'next') {
      for (const name of names) {
        void turns[how]().then(() => {
          desk.served += name;
        });
      }
    },
  };
  return desk;
}

/** All that can happen without a turn of the event loop has happened. */
const microtasks = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

it('serves a few in each turn of the event loop, first come first served, the first of them at once', async () => {
  const one = desk(2);
  one.ask('abcde');
  await microtasks();
  expect(one.served).toBe('ab');
  await turn();
  expect(one.served).toBe('abcd');
  one.ask('f');
  await microtasks();
  expect(one.served).toBe('abcd');
  await turn();
  expect(one.served).toBe('abcdef');
  await turn();
  one.ask('g');
  await microtasks();
  expect(one.served).toBe('abcdefg');
});

it('keeps who wants to wait for a turn, with room or without', async () => {
  const one = desk(2);
  one.ask('abc', 'later');
  await microtasks();
  expect(one.served).toBe('');
  await turn();
  expect(one.served).toBe('ab');
  await turn();
  expect(one.served).toBe('abc');
});

it('asks for one turn at a time, whoever comes while one is served, and for none when nobody comes', async () => {
  const spy = vi.spyOn(globalThis, 'setImmediate');
  try {
    const one = desk(2);
    for (let left = 5; left > 0; left -= 1) one.ask('abcd');
    const asked = () => spy.mock.calls.length;
    expect(asked()).toBe(1);
    let turns = 0;
    for (let before = -1; asked() > before; turns += 1) {
      before = asked();
      if (turns === 3) one.ask('ef');
      await turn();
    }
    expect(one.served).toHaveLength(22);
    // Two pieces a turn, the first two without one; and the last asks for a turn that nobody uses.
    expect(asked()).toBe(11);
  } finally {
    spy.mockRestore();
  }
});
