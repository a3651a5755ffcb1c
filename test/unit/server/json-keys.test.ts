import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasRepeatedKey } from '../../../src/server/json-keys.ts';

const judge = (text: string): boolean => hasRepeatedKey(text, JSON.parse(text));

it('finds nothing in JSON that repeats nothing, whatever its strings hold', () => {
  const value = fc.jsonValue({ maxDepth: 5, noUnicodeString: false });
  fc.assert(
    fc.property(value, fc.constantFrom(0, 2), (json, indent) => !judge(JSON.stringify(json, undefined, indent))),
    {
      numRuns: 2_000,
    },
  );
});

it('finds a key repeated anywhere', () => {
  const key = fc.string({ unit: 'binary', maxLength: 4 });
  const path = fc.array(fc.oneof(fc.constant(0), key), { maxLength: 6 });
  fc.assert(
    fc.property(key, fc.jsonValue(), path, (name, value, around) => {
      const twin = `{${JSON.stringify(name)}:1,"\\\\":2, ${JSON.stringify(name)} :${JSON.stringify(value)}}`;
      const text = around.reduce<string>(
        (inner, step) => (step === 0 ? `[${inner},"\\""]` : `{${JSON.stringify(step)}:${inner}}`),
        name === '\\' ? `{"\\\\":1,"\\\\":2}` : twin,
      );
      expect(judge(text)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});

it.each([
  ['{"a":1,"\\u0061":2}', true],
  ['{"__proto__":1,"__proto__":2}', true],
  ['{"__proto__":1}', false],
  ['{"a":"\\\\","b":"\\":"}', false],
  ['[{"a":1},{"a":1}]', false],
  ['"a"', false],
  ['7', false],
])('%s: %s', (text, repeated) => expect(judge(text)).toBe(repeated));

it('goes through a deep body without a stack', () => {
  expect(judge(`${'['.repeat(200_000)}${']'.repeat(200_000)}`)).toBe(false);
});
