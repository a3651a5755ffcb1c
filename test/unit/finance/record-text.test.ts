import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { recordText } from '../../../src/finance/record-text.ts';

describe('recordText', () => {
  it.each([
    ['  Papelaria\n\t Exemplo  ', 'Papelaria Exemplo'],
    ['a\u200bb\u202ec\u2066d\u00ade\ufefff', 'abcdef'],
    ['linha\u2028outra\u0000fim', 'linha outra fim'],
    ['tag\u{e0041}\u{e0042}', 'tag'],
    ['meio \ud800 par', 'meio par'],
    ['São João & Cia "Ltda" 😀', 'São João & Cia "Ltda" 😀'],
  ])('%j becomes %j', (given, clean) => expect(recordText(given)).toBe(clean));

  it('is absent where nothing shows', () => {
    expect(recordText(' \u200b\n')).toBeUndefined();
    expect(recordText(null)).toBeUndefined();
    expect(recordText(undefined)).toBeUndefined();
  });

  it('cuts between characters, never through one', () => {
    expect(recordText('😀'.repeat(10), 4)).toBe('😀😀😀…');
    expect(recordText('abcd', 4)).toBe('abcd');
    expect(recordText('x'.repeat(1_000_000))).toHaveLength(200);
  });

  it('never shows what must not show, whatever comes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (text) => {
        const clean = recordText(text) ?? '';
        return [...clean].length <= 200 && !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]| {2}|^ | $/u.test(clean);
      }),
      { numRuns: 500 },
    );
  });
});
