import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ExactNumber,
  exactJson,
  MAX_EXACT_NUMBERS,
  roundedNumbers,
  TooManyExactNumbersError,
  withExactNumbers,
  withListedNumbers,
} from '../../../src/protocol/exact-number.ts';
import { survivesDouble } from '../../../src/protocol/number-text.ts';

const call = (args: string): string =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"t","arguments":${args}}}`;
const through = (text: string): string => exactJson(withExactNumbers(text, JSON.parse(text)));

describe('numbers of arguments', () => {
  it.each([
    '{"v":9007199254740993}',
    '{"v":12345678901234567890}',
    '{"v":-9007199254740993,"w":[1,0.12345678901234567890,{"x":123456789.0123456789}]}',
    '{"v":1e400,"w":1E-400,"x":123456789012345678e3}',
    '{"__proto__":{"v":9007199254740993}}',
    '{"text":"a 9007199254740993, \\"9007199254740993","v":9007199254740993}',
  ])('%s goes through as it came', (args) => {
    expect(through(call(args))).toBe(call(args));
    expect(through(`[${call(args)}]`)).toBe(`[${call(args)}]`);
  });

  it('that a double holds are plain numbers, and so is everything of the protocol', () => {
    const text = call('{"a":9007199254740992,"b":0.1,"c":1.0,"d":1e21,"s":"12345678901234567890"}');
    const parsed: unknown = JSON.parse(text);
    expect(withExactNumbers(text, parsed)).toBe(parsed);
    const id = '{"jsonrpc":"2.0","id":9007199254740993,"method":"ping","params":9007199254740993}';
    const message: unknown = JSON.parse(id);
    expect(withExactNumbers(id, message)).toBe(message);
  });

  it('elsewhere they are written as strings, with all their digits', () => {
    const text = call('{"v":9007199254740993}');
    expect(JSON.stringify(withExactNumbers(text, JSON.parse(text)))).toBe(call('{"v":"9007199254740993"}'));
  });

  it('of any length, anywhere in any arguments, keep their value', () => {
    const digits = fc.stringMatching(/^[1-9]\d{0,24}(\.\d{1,20})?([eE][+-]?\d{1,3})?$/);
    const args = fc.tuple(fc.array(fc.string()), digits, fc.json(), fc.constantFrom('', ' ', '\n'));
    fc.assert(
      fc.property(args, ([words, number, other, space]) => {
        const text = call(`{"w":${JSON.stringify(words)},"o":${other},"n":[${space}${number}${space}]}`);
        const found = withExactNumbers(text, JSON.parse(text));
        const again = /.*"n":\[(.*?)\]\}\}\}$/s.exec(exactJson(found))?.[1] ?? '';
        if (survivesDouble(number)) expect(Number(again)).toBe(Number(number));
        else expect(again).toBe(number);
      }),
      { numRuns: 300 },
    );
  });

  it('are not so many that reading them would hold everybody up', () => {
    const many = (count: number): string => call(`{"v":[${Array(count).fill('9007199254740993').join(',')}]}`);
    expect(through(many(MAX_EXACT_NUMBERS))).toBe(many(MAX_EXACT_NUMBERS));
    expect(() => through(many(MAX_EXACT_NUMBERS + 1))).toThrow(TooManyExactNumbersError);
  });

  it('nested as deep as a body can be are found without a stack', () => {
    const deep = 200_000;
    const text = call(`{"v":${'['.repeat(deep)}9007199254740993${']'.repeat(deep)}}`);
    expect(() => withExactNumbers(text, JSON.parse(text))).not.toThrow();
  });
});

it('a number survives when its value does', () => {
  for (const kept of ['0', '-0', '0e999', '1.10', '100', '1e21', '9007199254740992', '5e-324', '0.30000000000000004'])
    expect(survivesDouble(kept), kept).toBe(true);
  for (const lost of ['9007199254740993', '1e309', '1e-400', '0.3000000000000000412', '10000000000000000001'])
    expect(survivesDouble(lost), lost).toBe(false);
});

it('one that stands for a number says its digits', () => {
  expect(`${new ExactNumber('9007199254740993')}`).toBe('9007199254740993');
});

it('numbers of a list are rounded where nobody knows them, and exact where they are', () => {
  const text = '{"enum":[9007199254740993,1],"b":12345678901234567890}';
  const listed = withListedNumbers(text, JSON.parse(text));
  expect(exactJson(listed)).toBe(text);
  expect(exactJson({ listed }, 2)).toContain('\n      9007199254740993,\n');
  expect(JSON.stringify(listed)).toBe('{"enum":[9007199254740992,1],"b":12345678901234567000}');
  expect(roundedNumbers(listed)).toEqual(JSON.parse(text));
  const vast: unknown = withListedNumbers('[1e400,-1e400]', [0, 0]);
  expect(roundedNumbers(vast)).toEqual([Number.MAX_VALUE, -Number.MAX_VALUE]);
  const other = text.replace('993', '995');
  expect(isDeepStrictEqual(listed, withListedNumbers(other, JSON.parse(other)))).toBe(false);
});
