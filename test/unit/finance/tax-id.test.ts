import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bareTaxId, formatTaxId, isValidCnpj, isValidCpf, onlyDigits } from '../../../src/finance/tax-id.ts';
import { cnpjFrom, cpfFrom } from '../../../src/simulator/tax-ids.ts';

describe('tax ids', () => {
  it('knows the published examples', () => {
    expect(isValidCnpj('12345678000195')).toBe(true);
    expect(isValidCnpj('12345678000190')).toBe(false);
    // The example of the Receita Federal's manual for letters in a CNPJ.
    expect(isValidCnpj(bareTaxId('12.abc.345/01de-35'))).toBe(true);
    expect(isValidCnpj('12ABC34501DE36')).toBe(false);
    expect(isValidCnpj('12ABC34501DEA5')).toBe(false);
    expect(isValidCpf('52998224725')).toBe(true);
    expect(isValidCpf('52998224724')).toBe(false);
    expect(isValidCpf('11111111111')).toBe(false);
    expect(isValidCnpj('00000000000000')).toBe(false);
    expect(isValidCpf('')).toBe(false);
  });

  it('agrees with an independent generator, and no single wrong digit passes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 99_999_999 }),
        fc.nat(13),
        fc.integer({ min: 1, max: 9 }),
        (root, at, by) => {
          const cnpj = bareTaxId(cnpjFrom(root));
          const cpf = bareTaxId(cpfFrom(root));
          const wrong = `${cnpj.slice(0, at)}${(Number(cnpj[at]) + by) % 10}${cnpj.slice(at + 1)}`;
          expect(isValidCnpj(cnpj) && isValidCpf(cpf)).toBe(true);
          // Eleven less a rest of 0 or 1 both print 0, so a few digits escape: those the rule itself lets escape.
          if (at >= 12) expect(isValidCnpj(wrong)).toBe(false);
        },
      ),
    );
  });

  it('formats what it knows and leaves the rest', () => {
    expect(formatTaxId('12345678000195')).toBe('12.345.678/0001-95');
    expect(formatTaxId('12.345.678/0001-95')).toBe('12.345.678/0001-95');
    expect(formatTaxId('12ABC34501DE35')).toBe('12.ABC.345/01DE-35');
    expect(formatTaxId('52998224725')).toBe('529.982.247-25');
    expect(formatTaxId('EX-77')).toBe('EX-77');
    expect(onlyDigits('1.2-3/x')).toBe('123');
  });
});
