import { expect, it } from 'vitest';
import { canonicalJson } from '../../../../src/gateway/trust/canonical-json.ts';
import { ExactNumber } from '../../../../src/protocol/exact-number.ts';

it('is the same whatever the order of keys, and another for another value', () => {
  expect(canonicalJson({ b: [1, { d: 1, c: 2 }], a: 'x' })).toBe('{"a":"x","b":[1,{"c":2,"d":1}]}');
  const digits = '9007199254740993';
  const alike = [new ExactNumber(digits), digits, { number: digits }, Number(digits)].map((v) => canonicalJson({ v }));
  expect(new Set(alike).size).toBe(4);
  expect(alike[0]).toBe(`{"v":${digits}}`);
});

it('is undefined for what is too deep', () => {
  expect(canonicalJson(JSON.parse('['.repeat(100_000) + ']'.repeat(100_000)))).toBeUndefined();
});
