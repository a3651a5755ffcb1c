import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Turns } from '../../../src/omie/turns.ts';

it('serves a few in each turn of the event loop, first come first served', async () => {
  const turns = new Turns(2);
  let served = '';
  const ask = (names: string) => {
    for (const name of names) {
      void turns.next().then(() => {
        served += name;
      });
    }
  };
  ask('abcde');
  expect(served).toBe('');
  await turn();
  expect(served).toBe('ab');
  ask('f');
  await turn();
  expect(served).toBe('abcd');
  await turn();
  expect(served).toBe('abcdef');
  ask('g');
  await turn();
  expect(served).toBe('abcdefg');
});
