import { describe, expect, it } from 'vitest';
import { categoryQuery } from '../../../src/tools/categorias/category-page.ts';
import { createCompanyServices } from '../../../src/tools/company-services.ts';
import { clock, company, type Script, ScriptedOmie, silent } from './scripted-omie.ts';

const chart = [
  { codigo: '2.01', descricao: 'Compras', conta_despesa: 'S', categoria_superior: '2' },
  { codigo: '1.01', descricao: 'Vendas', conta_receita: 'S', conta_inativa: 'S' },
  { codigo: '2', descricao: 'Despesas', conta_despesa: 'S', totalizadora: 'S' },
];

const ask = (script: Script, args: object = {}) =>
  createCompanyServices({ omie: new ScriptedOmie(script), clock })(company()).categories.page(
    categoryQuery.parse(args),
    silent,
  );

describe('categories of a company', () => {
  it('come whole, by code, and in pages', async () => {
    expect((await ask(() => chart)).resultado.itens.map((item) => item.codigo)).toEqual(['1.01', '2', '2.01']);
    const page = await ask(() => chart, { tipo: 'despesa', registros_por_pagina: 1 });
    expect(page).toMatchObject({
      consulta: { tipo: 'despesa', apenas_ativas: false },
      resultado: { total_de_registros: 2, total_de_paginas: 2, itens: [{ codigo: '2', totalizadora: true }] },
      completo: false,
      proxima_pagina: 2,
    });
    expect((await ask(() => chart, { apenas_ativas: true })).resultado.total_de_registros).toBe(2);
  });

  it('say when they are not all', async () => {
    const cut = await ask(() => ({ rows: chart, complete: false, reason: 'pagina_vazia' }));
    expect(cut).toMatchObject({ completo: false, motivo_incompleto: expect.stringContaining('página vazia') });
    expect(await ask(() => [...chart, { descricao: 'sem código' }])).toMatchObject({ completo: false });
  });

  it('refuse unknown arguments', () => {
    expect(categoryQuery.safeParse({ tipo: 'R' }).success).toBe(false);
    expect(categoryQuery.safeParse({ ativas: true }).success).toBe(false);
  });
});
