import { describe, expect, it } from 'vitest';
import { driftingTotals } from '../../../src/simulator/faults.ts';
import { type Answer, openOmie } from './open-omie.ts';

const ids = (rows: Answer[]): number[] => rows.map((row) => row.codigo_lancamento_omie);

describe('lists', () => {
  it.each(['ListarContasPagar', 'ListarClientes', 'ListarClientesResumido', 'ListarProjetos'])(
    'H6 %s answers a page past the end with fault 5113',
    async (call) => {
      const { post } = await openOmie();
      const { status, body } = await post(call, { pagina: 99 });
      expect(status).toBe(500);
      expect(body).toEqual({
        faultstring: 'ERROR: Não existem registros para a página [99]!',
        faultcode: 'SOAP-ENV:Client-5113',
      });
    },
  );

  it.each([
    ['ListarMovimentos', { nPagina: 99 }],
    ['PesquisarLancamentos', { nPagina: 99 }],
    ['ListarPix', { nPagina: 99 }],
  ])('H6 %s answers a page past the end with fault 5113', async (call, param) => {
    const { post } = await openOmie();
    expect((await post(call, param)).body.faultcode).toBe('SOAP-ENV:Client-5113');
  });

  it.each([
    ['ListarContasReceber', { pagina: 99 }, 'conta_receber_cadastro'],
    ['ListarLancCC', { nPagina: 99 }, 'listaLancamentos'],
    ['ListarCategorias', { pagina: 99 }, 'categoria_cadastro'],
    ['ListarDepartamentos', { pagina: 99 }, 'departamentos'],
  ])('H6 %s answers a page past the end with zero rows and totals 0', async (call, param, key) => {
    const { post } = await openOmie();
    const { status, body } = await post(call, param);
    expect(status).toBe(200);
    expect(body[key]).toEqual([]);
    expect(body.total_de_registros ?? body.nTotRegistros).toBe(0);
  });

  it('H6 an empty payable list is a fault, an empty receivable list is not', async () => {
    const { post } = await openOmie({ titlesPerCompany: 0 });
    expect((await post('ListarContasPagar', { pagina: 1 })).body.faultcode).toBe('SOAP-ENV:Client-5113');
    expect((await post('ListarContasReceber', { pagina: 1 })).body).toEqual({
      conta_receber_cadastro: [],
      pagina: 1,
      registros: 0,
      total_de_paginas: 0,
      total_de_registros: 0,
    });
  });

  it('H6 ListarEmpresas gives page 1 again past the end', async () => {
    const { post } = await openOmie();
    const first = (await post('ListarEmpresas', { pagina: 1 })).body;
    const fifth = (await post('ListarEmpresas', { pagina: 5 })).body;
    expect(fifth).toEqual(first);
    expect(fifth.pagina).toBe(1);
  });

  it('H6 ListarContasCorrentes has fault 101 for nothing found, and for half a date window', async () => {
    const { post } = await openOmie();
    const none = (await post('ListarContasCorrentes', { filtrar_por_descricao: 'nenhuma assim' })).body;
    expect(none).toEqual({
      faultstring: 'Nenhuma conta corrente foi encontrada!',
      faultcode: 'SOAP-ENV:Client-101',
    });
    expect((await post('ListarContasCorrentes', { filtrar_por_data_ate: '01/01/2027' })).body.faultcode).toBe(
      'SOAP-ENV:Client-101',
    );
  });

  it('H6 an unknown project is fault 1035, not an empty list', async () => {
    const { post } = await openOmie();
    const { body } = await post('ListarContasPagar', { filtrar_por_projeto: 42 });
    expect(body.faultcode).toBe('SOAP-ENV:Client-1035');
  });

  it('H7 caps snake-case pages at 100 in silence', async () => {
    const { post, list, omie } = await openOmie();
    const { body } = await post('ListarContasPagar', { pagina: 1, registros_por_pagina: 500 });
    const total = omie.store.totals('empresa_001', { kind: 'payable' }).count;
    expect(total).toBeGreaterThan(100);
    expect(body).toMatchObject({ pagina: 1, registros: 100, total_de_paginas: Math.ceil(total / 100) });
    expect(body.total_de_registros).toBe(total);
    const rows = await list('ListarContasPagar', 'conta_pagar_cadastro');
    expect(new Set(ids(rows)).size).toBe(total);
  });

  it('H7 caps hungarian pages at 500', async () => {
    const { post } = await openOmie({ titlesPerCompany: 1_400 });
    const { body } = await post('ListarMovimentos', { nPagina: 1, nRegPorPagina: 999, cTpLancamento: 'CPCR' });
    expect(body).toMatchObject({ nPagina: 1, nRegistros: 500, nTotPaginas: 3, nTotRegistros: 1_400 });
  });

  it('serves 50 rows to whoever names no page size', async () => {
    const { post } = await openOmie();
    expect((await post('ListarContasPagar', { pagina: 1 })).body.registros).toBe(50);
    expect((await post('ListarMovimentos', {})).body.nRegistros).toBe(50);
  });

  it('goes backwards under either spelling of the flag', async () => {
    const { post } = await openOmie();
    const up = (await post('ListarContasPagar', { pagina: 1 })).body.conta_pagar_cadastro;
    const down = (await post('ListarContasPagar', { pagina: 1, ordem_descrescente: 'S' })).body.conta_pagar_cadastro;
    expect(ids(up)).toEqual(ids(up).toSorted((a, b) => a - b));
    expect(ids(down)[0]).toBeGreaterThan(ids(down)[1] ?? 0);
    const clients = async (flag: object) =>
      (await post('ListarClientes', { pagina: 1, ...flag })).body.clientes_cadastro[0];
    expect(await clients({ ordem_decrescente: 'S' })).toEqual(await clients({ ordem_descrescente: 'S' }));
  });

  it('sorts receivables by due date when asked', async () => {
    const { list, omie } = await openOmie();
    const rows = await list('ListarContasReceber', 'conta_receber_cadastro', { ordenar_por: 'DATA_VENCIMENTO' });
    const company = omie.store.company('empresa_001');
    const due = ids(rows).map((id) => company.titles.get(id)?.due ?? 0);
    expect(due).toEqual(due.toSorted((a, b) => a - b));
  });

  it('H19 keeps the misspelled keys of the wire', async () => {
    const { post, omie } = await openOmie();
    const account = [...omie.store.company('empresa_001').accounts.keys()][0];
    expect((await post('ObterListaEmAberto', { cTipo: 'P' })).body).toHaveProperty('ListaEmEberto');
    expect((await post('ListarOrcamentos', { nAno: 2026, nMes: 11 })).body.ListaOrcamentos[0]).toHaveProperty(
      'nValorRealilzado',
    );
    expect((await post('ListarDepatartamentos', { pagina: 1 })).body.departamentos).not.toHaveLength(0);
    expect((await post('ConsultarContaCorrente', { nCodCC: account })).body).toHaveProperty('pdv_limite_pacelas');
    expect((await post('ConsultaLancCC', { nCodLanc: 1 })).body.faultcode).toBe('SOAP-ENV:Client-105');
    expect(
      (await post('ConsultarLancCC', {}, { service: 'financas/contacorrentelancamentos' })).body.faultstring,
    ).toContain('not exists');
    expect((await post('ListarContasPagar', { ordem_decrescente: 'S' })).body.faultcode).toBe('SOAP-ENV:Client-5001');
    expect((await post('ListarEmpresas', { pagina: 1 })).body).toHaveProperty('produto_servico_resumido');
  });

  it('H21 totals move between two pages when somebody writes in between', async () => {
    const { post, omie } = await openOmie();
    const company = omie.store.company('empresa_001');
    const first = (await post('ListarContasPagar', { pagina: 1, registros_por_pagina: 100 })).body;
    const gone = company.titles.get(first.conta_pagar_cadastro[0].codigo_lancamento_omie)!;
    company.removeTitle(gone, { day: omie.store.today(), time: '12:00:00', user: 'P1' });
    const second = (await post('ListarContasPagar', { pagina: 2, registros_por_pagina: 100 })).body;
    expect(second.total_de_registros).toBe(first.total_de_registros - 1);
    // The shift loses the row that moved from page 2 to page 1 meanwhile.
    const seen = new Set([...ids(first.conta_pagar_cadastro), ...ids(second.conta_pagar_cadastro)]);
    expect(
      [...company.titles.values()].filter((title) => title.kind === 'payable' && !seen.has(title.id)),
    ).toHaveLength(1);
  });

  it('H21 totals drift at every answer under a standing fault', async () => {
    const { post, omie } = await openOmie();
    omie.faults.always('ListarMovimentos', driftingTotals(2));
    const total = async (page: number) =>
      (await post('ListarMovimentos', { nPagina: page, cTpLancamento: 'CP' })).body.nTotRegistros;
    const first = await total(1);
    expect(await total(2)).toBe(first + 2);
    expect(await total(3)).toBe(first + 4);
  });
});
