import { once } from 'node:events';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createOmieClient } from '../../../src/omie/client.ts';
import { systemClock } from '../../../src/omie/clock.ts';
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

/** An Omie whose only category names the application that asks and how often anybody did. */
async function openCountingOmie() {
  let requests = 0;
  const server = createServer(async (req, res) => {
    requests += 1;
    const { app_key } = JSON.parse(await text(req));
    const row = { codigo: '1.01', descricao: `${app_key} ${requests}`, conta_receita: 'S' };
    res.end(JSON.stringify({ pagina: 1, total_de_paginas: 1, total_de_registros: 1, categoria_cadastro: [row] }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  let later = 0;
  const omie = createOmieClient({
    baseUrl: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`,
    clock: { now: () => systemClock.now() + later, after: systemClock.after },
  });
  onTestFinished(async () => {
    await omie.close();
    server.close();
  });
  const servicesOf = createCompanyServices({ omie, clock });
  return {
    omie,
    pass: (ms: number) => {
      later += ms;
    },
    read: async (appKey: string, args: object = {}) => {
      const page = await servicesOf(company('empresa_001', appKey)).categories.page(categoryQuery.parse(args), silent);
      return page.resultado.itens.map(({ descricao }) => descricao);
    },
  };
}

describe('categories made of a reply in memory', () => {
  it('last as long as the reply', async () => {
    const { read, pass } = await openCountingOmie();
    expect(await read('a')).toEqual(['a 1']);
    expect(await read('a')).toEqual(['a 1']);
    pass(60_000);
    expect(await read('a')).toEqual(['a 1']);
    pass(1_000);
    expect(await read('a')).toEqual(['a 2']);
  });

  it('never answer for other keys under the same id', async () => {
    const { read } = await openCountingOmie();
    expect(await read('a')).toEqual(['a 1']);
    expect(await read('b')).toEqual(['b 2']);
    expect(await read('a')).toEqual(['a 1']);
    expect(await read('b')).toEqual(['b 2']);
  });

  it('are filtered for each question', async () => {
    const { read } = await openCountingOmie();
    expect(await read('a', { tipo: 'despesa' })).toEqual([]);
    expect(await read('a')).toEqual(['a 1']);
  });
});
