import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseTraceparent } from '../../../src/telemetry/traceparent.ts';

const hex = (length: number) =>
  fc.stringMatching(new RegExp(`^[0-9a-f]{${length}}$`)).filter((text) => !/^0*$/.test(text));

it('takes apart what is well made', () => {
  fc.assert(
    fc.property(hex(32), hex(16), fc.boolean(), (traceId, spanId, sampled) => {
      const text = `00-${traceId}-${spanId}-${sampled ? '03' : '02'}`;
      expect(parseTraceparent(text)).toEqual({ traceId, spanId, traceFlags: sampled ? 1 : 0 });
      // A later version may say more behind.
      expect(parseTraceparent(`cc${text.slice(2)}-mais`)).toEqual({ traceId, spanId, traceFlags: sampled ? 1 : 0 });
    }),
  );
});

it.each([
  undefined,
  '',
  'lixo',
  `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
  `00-${'0'.repeat(32)}-${'b'.repeat(16)}-01`,
  `00-${'a'.repeat(32)}-${'0'.repeat(16)}-01`,
  `00-${'A'.repeat(32)}-${'b'.repeat(16)}-01`,
  `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01${'x'.repeat(9)}`,
  `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01-${'x'.repeat(999)}`,
])('ignores %j', (text) => {
  expect(parseTraceparent(text)).toBeUndefined();
});
