import { expect, it } from 'vitest';
import { lostKeys } from '../../../src/tools/lost-keys.ts';

it.each([
  ['{"a":{"b":[1,"__proto__"]}}', []],
  ['{"__proto__":1}', ['__proto__']],
  ['{"a":[{"__proto__":{}}],"b":1}', ['a.0.__proto__']],
  ['{"__proto__":{"__proto__":1}}', ['__proto__', '__proto__.__proto__']],
  ['"__proto__"', []],
  ['null', []],
])('%s', (text, paths) => expect(lostKeys(JSON.parse(text))).toEqual(paths));

it('however deep, and never more than a few', () => {
  const deep = JSON.parse(`${'{"a":'.repeat(50_000)}{"__proto__":1}${'}'.repeat(50_000)}`);
  expect(lostKeys(deep)).toHaveLength(1);
  expect(lostKeys(Array.from({ length: 100 }, () => JSON.parse('{"__proto__":1}')))).toHaveLength(10);
});
