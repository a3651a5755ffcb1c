import { describe, expect, it } from 'vitest';
import { byCode, matchesCategory, toCategory } from '../../../src/finance/category.ts';

const base = { codigo: '2.04.01', descricao: 'Material de Escritório', categoria_superior: '2.04', conta_despesa: 'S' };

describe('categories', () => {
  it('reads a row', () => {
    expect(toCategory(base)).toEqual({
      codigo: '2.04.01',
      descricao: 'Material de Escritório',
      tipo: 'despesa',
      ativa: true,
      totalizadora: false,
      categoria_superior: '2.04',
    });
  });

  it.each([
    [{ conta_receita: 'S', conta_despesa: 'N' }, 'receita'],
    [{ conta_receita: 'N', conta_despesa: 'S', transferencia: 'S' }, 'transferencia'],
    [{ codigo: '0.01', conta_despesa: 'N' }, 'outra'],
    [{ codigo: '1', conta_despesa: 'N' }, 'receita'],
    [{ codigo: '2.01', conta_despesa: undefined }, 'despesa'],
    [{ codigo: '10.01', conta_despesa: undefined }, 'outra'],
  ])('%j is %s', (fields, tipo) => expect(toCategory({ ...base, ...fields })?.tipo).toBe(tipo));

  it('keeps inactive and group rows of a kind, which the filter of Omie hides', () => {
    const group = toCategory({ ...base, totalizadora: 'S', conta_inativa: 'S' });
    if (group === undefined) throw new Error('it has a code');
    expect(matchesCategory(group, { tipo: 'despesa' })).toBe(true);
    expect(matchesCategory(group, { tipo: 'receita' })).toBe(false);
    expect(matchesCategory(group, { apenas_ativas: true })).toBe(false);
    expect(matchesCategory(group, {})).toBe(true);
  });

  it('is nothing without a code', () => {
    expect(toCategory({ descricao: 'x' })).toBeUndefined();
    expect(toCategory({ codigo: ' ' })).toBeUndefined();
  });

  it('orders codes number by number', () => {
    const codes = ['2.10', '2.9', '1.01.02', '1.01', '10'].flatMap((codigo) => toCategory({ codigo }) ?? []);
    expect(codes.sort(byCode).map(({ codigo }) => codigo)).toEqual(['1.01', '1.01.02', '2.9', '2.10', '10']);
  });
});
