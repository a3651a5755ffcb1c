import { expect, expectTypeOf, test } from 'vitest';
import { exactJson, parseExactly } from '../../../src/protocol/exact-number.ts';
import type { Fields } from '../../../src/protocol/json-rpc.ts';
import { parseFields } from '../../../src/protocol/parse-fields.ts';

test('what was parsed is nothing in particular until somebody looked at it', () => {
  expectTypeOf(parseExactly).returns.toBeUnknown();
  expectTypeOf(parseFields).returns.toEqualTypeOf<Fields>();
});

test('an object keeps its digits, and anything else is no object', () => {
  expect(exactJson(parseFields('{"id":9007199254740993}'))).toBe('{"id":9007199254740993}');
  for (const other of ['9007199254740993', '[{}]', 'null', '"{}"']) expect(() => parseFields(other)).toThrow(TypeError);
});
