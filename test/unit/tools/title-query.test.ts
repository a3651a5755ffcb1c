import { describe, expect, it } from 'vitest';
import { titleQuery, toFilter } from '../../../src/tools/titulos/title-query.ts';

const problems = (args: object): string[] => {
  const parsed = titleQuery.safeParse(args);
  return parsed.success ? [] : parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
};

describe('the arguments of the title tools', () => {
  it('have the defaults of the contract', () => {
    expect(titleQuery.parse({})).toEqual({
      pagina: 1,
      registros_por_pagina: 50,
      apenas_vencidas: false,
      formato: 'resumido',
    });
  });

  it.each([2 ** 60, -(2 ** 60), 1.5, 1e300, true])('contraparte %s is refused in Portuguese', (contraparte) => {
    expect(problems({ contraparte })).toEqual(['contraparte: informe o id do Omie, um CNPJ ou um CPF']);
  });

  it('take dates in both spellings', () => {
    const query = titleQuery.parse({ vencimento_de: '01/02/2026', vencimento_ate: '2026-02-28' });
    expect(toFilter(query)).toMatchObject({ dueFrom: '2026-02-01', dueTo: '2026-02-28' });
  });

  it.each([
    [4410002211, 'id', { id: 4410002211 }],
    ['4410002211', 'id', { id: 4410002211 }],
    // A number is an id even where its digits would make a CPF.
    [52998224725, 'id', { id: 52998224725 }],
    ['52998224725', 'cpf', { taxId: '52998224725' }],
    ['52998224724', 'id', { id: 52998224724 }],
    ['529.982.247-24', 'cpf', { taxId: '52998224724' }],
    ['12345678000195', 'cnpj', { taxId: '12345678000195' }],
    [' 12.345.678/0001-90 ', 'cnpj', { taxId: '12345678000190' }],
    ['12.abc.345/01de-35', 'cnpj', { taxId: '12ABC34501DE35' }],
  ])('contraparte %j is a %s', (contraparte, type, counterparty) => {
    const query = titleQuery.parse({ contraparte });
    expect(query.contraparte?.type).toBe(type);
    expect(toFilter(query).counterparty).toEqual(counterparty);
  });

  it.each([
    { pagina: 0 },
    { pagina: 1.5 },
    { pagina: '1' },
    { registros_por_pagina: 501 },
    { registros_por_pagina: 0 },
    { apenas_vencidas: 'sim' },
    { situacao: 'vencido' },
    { vencimento_de: '31/02/2026' },
    { vencimento_de: '' },
    { vencimento_ate: '2026-1-1' },
    { contraparte: 'Papelaria Exemplo' },
    { contraparte: '' },
    { contraparte: 0 },
    { contraparte: -5 },
    { contraparte: 1.5 },
    { contraparte: '123.456' },
    { formato: 'csv' },
  ])('refuse %j and name it', (args) => {
    expect(problems(args)).toHaveLength(1);
    expect(problems(args)[0]).toMatch(new RegExp(`^${Object.keys(args)[0]}: .+`));
  });

  it('refuse a range that ends before it starts, and what nobody knows', () => {
    expect(problems({ vencimento_de: '2026-02-02', vencimento_ate: '01/02/2026' })).toEqual([
      'vencimento_de: é posterior a vencimento_ate',
    ]);
    expect(titleQuery.safeParse({ status: 'ATRASADO' }).error?.issues[0]).toMatchObject({
      code: 'unrecognized_keys',
      keys: ['status'],
    });
  });
});
