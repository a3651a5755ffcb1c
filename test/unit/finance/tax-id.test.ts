import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bareTaxId,
  clearTaxIds,
  formatTaxId,
  isValidCnpj,
  isValidCpf,
  maskedCpfs,
  onlyDigits,
} from '../../../src/finance/tax-id.ts';
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

  it('masks a CPF, wherever it stands in a name, and no CNPJ', () => {
    expect(maskedCpfs.taxId('529.982.247-25')).toBe('***.982.247-**');
    expect(maskedCpfs.taxId('52998224725')).toBe('***.982.247-**');
    expect(maskedCpfs.taxId('12345678000195')).toBe('12.345.678/0001-95');
    expect(maskedCpfs.taxId('EX-77')).toBe('EX-77');
    expect(maskedCpfs.name('JOANA PRADO 52998224725')).toBe('JOANA PRADO ***.982.247-**');
    expect(maskedCpfs.name('529.982.247-25 e 111.444.777-35')).toBe('***.982.247-** e ***.444.777-**');
    expect(maskedCpfs.name('12.345.678/0001-95 LTDA 12345678000195')).toBe('12.345.678/0001-95 LTDA 12345678000195');
    expect(clearTaxIds.name('JOANA PRADO 52998224725')).toBe('JOANA PRADO 52998224725');
  });

  it('never lets the first three or the last two digits of any CPF through', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 999_999_999 }), fc.boolean(), (root, dotted) => {
        const bare = bareTaxId(cpfFrom(root));
        const given = dotted ? formatTaxId(bare) : bare;
        for (const shown of [maskedCpfs.taxId(given), maskedCpfs.name(`NOME ${given}`).slice(5)]) {
          expect(shown).toBe(`***.${bare.slice(3, 6)}.${bare.slice(6, 9)}-**`);
        }
      }),
    );
  });
});
