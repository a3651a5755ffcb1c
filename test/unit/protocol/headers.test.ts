import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeHeaderValue, encodeHeaderValue } from '../../../src/protocol/headers.ts';

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('=?base64?YQ==?=', '=?base64?=', ' a '),
);

it('a value goes through a header and comes back, and is never more than one header', () => {
  fc.assert(
    fc.property(
      text.filter((value) => Buffer.from(value).toString() === value),
      (value) => {
        const header = encodeHeaderValue(value);
        expect(header).toMatch(/^[\t\x20-\x7e]*$/);
        expect(header).toBe(header.trim());
        expect(decodeHeaderValue(header)).toBe(value);
      },
    ),
    { numRuns: 1_000 },
  );
});

it.each(['../../etc/passwd', 'a?b=c', 'a#b', 'a\r\nX-Evil: 1', '%0d%0a'])('%j stays data', (value) => {
  expect(encodeHeaderValue(value)).not.toMatch(/[\r\n]/);
  expect(decodeHeaderValue(encodeHeaderValue(value))).toBe(value);
});

it.each(['=?base64?YQ?=', '=?base64?Y?=', '=?base64?/w==?='])('%s is no value', (header) => {
  expect(decodeHeaderValue(header)).toBeUndefined();
});
