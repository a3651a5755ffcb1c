import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatMoney, toCentavos, toReais } from '../../../src/clients/format-money.ts';
import { fitWidth, printable, textWidth, truncate, wrap } from '../../../src/clients/text-width.ts';

describe('money', () => {
  test.each([
    [0, 'R$ 0,00'],
    [5, 'R$ 0,05'],
    [123_456, 'R$ 1.234,56'],
    [-150, '-R$ 1,50'],
    [Number.MAX_SAFE_INTEGER, 'R$ 90.071.992.547.409,91'],
  ])('%i centavos are %s', (centavos, text) => {
    expect(formatMoney(centavos)).toBe(text);
  });

  test('reais of the wire become the same centavos again', () => {
    const amount = fc.integer({ min: -1e13, max: 1e13 });
    fc.assert(fc.property(amount, (centavos) => toCentavos(toReais(centavos)) === centavos));
    expect([0.1, 0.2].map(toCentavos).reduce((sum, each) => sum + each, 0)).toBe(30);
  });

  test('only plain spaces, and every digit is there', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (centavos) => {
        const text = formatMoney(centavos);
        expect(text).toMatch(/^-?R\$ \d{1,3}(\.\d{3})*,\d{2}$/);
        expect(Number(text.replace(/[^\d-]/g, ''))).toBe(centavos);
      }),
    );
  });
});

describe('width', () => {
  test.each([
    ['São João', 8],
    ['São João'.normalize('NFD'), 8],
    ['株式会社', 8],
    ['🚀', 2],
    ['', 0],
  ])('%s takes %i columns', (text, width) => expect(textWidth(text)).toBe(width));

  test('what was cut is told', () => {
    expect(truncate('Comércio', 8)).toBe('Comércio');
    expect(truncate('Comércio de Peças', 9)).toBe('Comércio…');
    expect(truncate('株式会社', 4)).toBe('株…');
  });

  test('fits exactly', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 60 }), (any, width) => {
        expect(textWidth(fitWidth(printable(any), width, 'left'))).toBe(width);
      }),
    );
  });

  test('escape sequences and line breaks do not reach the terminal', () => {
    expect(printable('a\u001b[31mb\nc\u202ed')).toBe('a [31mb c d');
  });

  test('wraps words', () => {
    expect(wrap('um dois três', 8)).toEqual(['um dois', 'três']);
  });
});
