import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  hasMoreThanCentavos,
  isCentavos,
  MAX_CENTAVOS,
  minus,
  readCentavos,
  sumCentavos,
  toCentavos,
  toReais,
} from '../../../src/finance/money.ts';

const amount = fc.integer({ min: -MAX_CENTAVOS, max: MAX_CENTAVOS });

describe('money', () => {
  it.each([
    [1250.5, 125_050],
    [1.005, 101],
    [-1.005, -101],
    [8.575, 858],
    [0.1 + 0.2, 30],
    [1e-7, 0],
    [-0.001, 0],
    [1e3, 100_000],
    [0, 0],
    [-0, 0],
    [9_999_999_999_999.99, 999_999_999_999_999],
  ])('%d reais are %d centavos', (reais, centavos) => {
    expect(toCentavos(reais)).toBe(centavos);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e14, 2 ** 53, 1e21, -1e300])(
    'refuses %d',
    (reais) => {
      expect(() => toCentavos(reais)).toThrow(RangeError);
      expect(readCentavos(reais)).toBeUndefined();
    },
  );

  it('reads nothing from nothing', () => {
    expect(readCentavos(undefined)).toBeUndefined();
    expect(readCentavos(null)).toBeUndefined();
    expect(readCentavos(0)).toBe(0);
  });

  it('goes to reais and back without losing a centavo', () => {
    fc.assert(
      fc.property(amount, (cents) => toCentavos(toReais(toCentavos(cents / 100))) === (cents === 0 ? 0 : cents)),
    );
  });

  it('prints at most two decimals', () => {
    fc.assert(
      fc.property(amount, (cents) => {
        const text = String(toReais(toCentavos(cents / 100)));
        return /^-?\d+(\.\d{1,2})?$/.test(text);
      }),
    );
  });

  it('rounds like decimal text does, halves away from zero', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 12 }), fc.integer({ min: 0, max: 9 }), (cents, tenth) => {
        const reais = Number(`${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, '0')}${tenth}`);
        return toCentavos(reais) === cents + (tenth >= 5 ? 1 : 0) && toCentavos(-reais) === 0 - toCentavos(reais);
      }),
    );
  });

  it('knows an amount that rounding changes, on both sides of zero', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 10 ** 12 }), fc.integer({ min: 0, max: 99 }), (cents, more) => {
        const reais = Number(
          `${Math.floor(cents / 100)}.${String(cents * 100 + more)
            .padStart(4, '0')
            .slice(-4)}`,
        );
        expect([reais, -reais].map(hasMoreThanCentavos)).toEqual([more > 0, more > 0]);
      }),
    );
    // What floats leave behind is no third decimal.
    for (const noise of [0.1 + 0.2, 1.1 * 3, -(0.7 + 0.1), 1e-7]) expect(hasMoreThanCentavos(noise)).toBe(false);
    for (const none of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY])
      expect(hasMoreThanCentavos(none)).toBe(false);
  });

  it('adds exactly, against big integers', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), { maxLength: 200 }), (list) => {
        const amounts = list.map((cents) => toCentavos(cents / 100));
        return BigInt(sumCentavos(amounts)) === list.reduce((sum, cents) => sum + BigInt(cents), 0n);
      }),
    );
  });

  it('would rather throw than be inexact', () => {
    const huge = toCentavos(MAX_CENTAVOS / 100);
    expect(() => sumCentavos([huge, toCentavos(0.01)])).toThrow(RangeError);
    expect(() => minus(toCentavos(-0.01), huge)).toThrow(RangeError);
    expect(isCentavos(0.5)).toBe(false);
  });
});
