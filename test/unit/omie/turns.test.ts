import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Turns } from '../../../src/omie/turns.ts';

it('gives one turn for each round of the event loop, first come first served', async () => {
  const turns = new Turns();
  const served: string[] = [];
  for (const name of ['a', 'b', 'c']) void turns.next().then(() => served.push(name));
  expect(served).toEqual([]);
  await turn();
  expect(served).toEqual(['a']);
  void turns.next().then(() => served.push('d'));
  for (const all of [
    ['a', 'b'],
    ['a', 'b', 'c'],
    ['a', 'b', 'c', 'd'],
  ]) {
    await turn();
    expect(served).toEqual(all);
  }
  void turns.next().then(() => served.push('e'));
  await turn();
  expect(served.at(-1)).toBe('e');
});
