import { describe, expect, it } from 'vitest';
import { type Answer, type Desk, openOmie } from './open-omie.ts';

const cents = (value: number): number => Math.round(value * 100);
const PERIOD = { dPeriodoInicial: '01/10/2026', dPeriodoFinal: '20/12/2026' };

async function statementOf(desk: Desk, param: object = {}): Promise<Answer> {
  const [account] = desk.omie.store.company('empresa_001').accounts.keys();
  return (await desk.post('ListarExtrato', { nCodCC: account, ...PERIOD, ...param })).body;
}

describe('H18 the bank statement', () => {
  it('opens with SALDO ANTERIOR and closes each day with a SALDO pseudo row', async () => {
    const statement = await statementOf(await openOmie());
    const rows: Answer[] = statement.listaMovimentos;
    expect(rows[0]).toEqual({
      cDesCliente: 'SALDO ANTERIOR',
      dDataLancamento: '01/10/2026',
      nCodLancamento: 1,
      nSaldo: statement.nSaldoAnterior,
      nSaldoPrev: statement.nSaldoAnterior,
      nValorDocumento: 0,
    });
    const days = new Set(rows.slice(1).map((row) => row.dDataLancamento));
    const closings = rows.filter((row) => row.cDesCliente === 'SALDO');
    expect(closings).toHaveLength(days.size);
    expect(closings.every((row) => row.nCodLancamento === 1 && row.nValorDocumento === 0)).toBe(true);
    expect(rows.at(-1).cDesCliente).toBe('SALDO');
  });

  it('writes outflows negative and its rows lead from balance to balance', async () => {
    const statement = await statementOf(await openOmie());
    const moved: Answer[] = statement.listaMovimentos.filter(
      (row: Answer) => row.nCodLancamento !== 1 && row.cSituacao !== 'Previsto',
    );
    expect(moved.some((row) => row.cNatureza === 'P')).toBe(true);
    for (const row of moved) expect(row.nValorDocumento < 0).toBe(row.cNatureza === 'P');
    const total = moved.reduce((sum, row) => sum + cents(row.nValorDocumento), 0);
    expect(cents(statement.nSaldoAnterior) + total).toBe(cents(statement.nSaldoAtual));
    expect(cents(statement.nSaldoConciliado) + cents(statement.nSaldoProvisorio)).toBe(cents(statement.nSaldoAtual));
    expect(new Set(moved.map((row) => row.cOrigem))).toEqual(
      new Set(['Conta Paga', 'Conta Recebida', 'Lançamento Manual', 'Transferência']),
    );
    expect(new Set(moved.map((row) => row.cSituacao))).toEqual(new Set(['Conciliado', 'Não conciliado']));
  });

  it('shows future titles as "Previsto", under ids of its own, without moving the balance', async () => {
    const desk = await openOmie();
    const statement = await statementOf(desk);
    const planned: Answer[] = statement.listaMovimentos.filter((row: Answer) => row.cSituacao === 'Previsto');
    expect(planned.length).toBeGreaterThan(3);
    const { titles } = desk.omie.store.company('empresa_001');
    expect(planned.some((row) => titles.has(row.nCodLancamento))).toBe(false);
    const sum = planned.reduce((total, row) => total + cents(row.nValorDocumento), 0);
    expect(cents(statement.nSaldoAtualPrevisto)).toBe(cents(statement.nSaldoAtual) + sum);
  });

  it('gives balances alone on request', async () => {
    const desk = await openOmie();
    const full = await statementOf(desk);
    const short = await statementOf(desk, { cExibirApenasSaldo: 'S' });
    expect(short).toEqual({ ...full, listaMovimentos: [] });
  });

  it('refuses a missing account, an unknown one, and pages', async () => {
    const desk = await openOmie();
    const code = async (param: object) => (await desk.post('ListarExtrato', { ...PERIOD, ...param })).body.faultcode;
    expect(await code({})).toBe('SOAP-ENV:Client-1002');
    expect(await code({ cCodIntCC: 'nenhuma' })).toBe('SOAP-ENV:Client-832');
    expect(await code({ nCodCC: 1, pagina: 1 })).toBe('SOAP-ENV:Client-5001');
    const byCode = (await desk.post('ListarExtrato', { ...PERIOD, cCodIntCC: 'CONTA-PRINCIPAL' })).body;
    expect(byCode.nCodCC).toBe((await statementOf(desk)).nCodCC);
  });

  it('agrees with the dashboard on the sum of all balances', async () => {
    const desk = await openOmie();
    const accounts = [...desk.omie.store.company('empresa_001').accounts.values()].filter((one) => one.active);
    let total = 0;
    for (const account of accounts) {
      const { body } = await desk.post('ListarExtrato', {
        nCodCC: account.id,
        dPeriodoInicial: '20/11/2026',
        dPeriodoFinal: '20/11/2026',
        cExibirApenasSaldo: 'S',
      });
      total += cents(body.nSaldoAtual);
    }
    const summary = (await desk.post('ObterResumoFinancas', { dDia: '20/11/2026' })).body;
    expect(cents(summary.contaCorrente.vTotal)).toBe(total);
  });
});

describe('the dashboard', () => {
  it('counts what is due today and sums what is overdue', async () => {
    const desk = await openOmie();
    const { body } = await desk.post('ObterResumoFinancas', { dDia: '20/11/2026' });
    for (const [block, kind] of [
      [body.contaPagar, 'payable'],
      [body.contaReceber, 'receivable'],
    ] as const) {
      const due = desk.omie.store.totals('empresa_001', { kind, situation: 'dueToday' });
      const overdue = desk.omie.store.totals('empresa_001', { kind, situation: 'overdue' });
      expect([block.nTotal, cents(block.vTotal), cents(block.vAtraso)]).toEqual([due.count, due.open, overdue.open]);
    }
    expect(body).not.toHaveProperty('fluxoCaixa');
  });

  it('moves only the cash flow with dDia, lists categories or null, and misses some overdue titles', async () => {
    const desk = await openOmie();
    const get = async (param: object) =>
      (await desk.post('ObterResumoFinancas', { lApenasResumo: false, ...param })).body;
    const today = await get({});
    const later = await get({ dDia: '25/11/2026' });
    expect(later.contaPagar).toEqual(today.contaPagar);
    expect(later.fluxoCaixa).toHaveLength(10);
    expect(later.fluxoCaixa[0].dDia).toBe('25/11/2026');
    expect(today.contaPagarCategoria.length).toBeGreaterThan(0);
    expect((await get({ lExibirCategoria: false })).contaPagarCategoria).toBeNull();
    const overdue = desk.omie.store.totals('empresa_001', { kind: 'payable', situation: 'overdue' });
    expect(today.contaPagarAtraso.length).toBeLessThan(overdue.count);
    expect(today.contaPagarAtraso[0].cSituacao).toMatch(/^Atrasado desde \d\d\//);
  });

  it('lists a day of open titles, and one title in detail', async () => {
    const desk = await openOmie();
    const open = (await desk.post('ObterListaEmAberto', { cTipo: 'R', nPagina: 1 })).body;
    const due = desk.omie.store.totals('empresa_001', { kind: 'receivable', situation: 'dueToday' });
    expect(open.nTotRegistros).toBe(due.count);
    const finances = (await desk.post('ObterListaFinancas', { cTipo: 'R' })).body;
    expect(finances.listaDetalhesFinancas).toHaveLength(due.count);
    const detail = (await desk.post('ObterDetalhesLancamento', { nIdTitulo: due.ids[0] })).body;
    expect(detail).toMatchObject({ nIdTitulo: due.ids[0], cTipoLanc: 'R' });
    expect((await desk.post('ObterDetalhesLancamento', { nIdTitulo: 5 })).body.faultcode).toBe('SOAP-ENV:Client-105');
  });
});

describe('bank entries, budget, accounts and tables', () => {
  it('point settlements to their titles, and filter by date and origin', async () => {
    const desk = await openOmie();
    const rows = await desk.list('ListarLancCC', 'listaLancamentos', {
      cOrigem: 'BAXP',
      dtPagInicial: '01/10/2026',
      dtPagFinal: '20/11/2026',
    });
    const { titles } = desk.omie.store.company('empresa_001');
    expect(rows.length).toBeGreaterThan(5);
    for (const row of rows) {
      expect(titles.get(row.diversos.nCodLancCP)?.payments.map((payment) => payment.bankEntryId)).toContain(
        row.nCodLanc,
      );
      expect(row.diversos.nCodLancCR).toBe(0);
    }
    const one = (await desk.post('ConsultaLancCC', { nCodLanc: rows[0].nCodLanc })).body;
    expect(one).toEqual(rows[0]);
  });

  it('budget a month by category', async () => {
    const desk = await openOmie();
    const { body } = await desk.post('ListarOrcamentos', { nAno: 2026, nMes: 11 });
    expect(body.nAno).toBe(2026);
    const fees = body.ListaOrcamentos.find((line: Answer) => line.cCodCateg === '2.07.01');
    expect(fees.nValorPrevisto).toBeGreaterThan(0);
    expect(body.ListaOrcamentos.some((line: Answer) => line.nValorRealilzado > 0)).toBe(true);
    expect((await desk.post('ListarOrcamentos', { nAno: 2026 })).body.faultcode).toBe('SOAP-ENV:Client-1000');
  });

  it('list accounts in full and in short, without a current balance', async () => {
    const desk = await openOmie();
    const full = (await desk.post('ListarContasCorrentes', { pagina: 1 })).body.ListarContasCorrentes;
    const short = (await desk.post('ListarResumoContasCorrentes', { pagina: 1, filtrar_apenas_ativo: 'S' })).body
      .conta_corrente_lista;
    expect([full.length, short.length]).toEqual([5, 4]);
    expect(Object.keys(full[0]).filter((key) => key.includes('saldo'))).toEqual(['saldo_data', 'saldo_inicial']);
    expect((await desk.post('PesquisarContaCorrente', { pagina: 1 })).body.conta_corrente_lista).toHaveLength(5);
  });

  it('list categories by side, groups and inactive ones dropped, and the DRE they hang on', async () => {
    const desk = await openOmie();
    const all = await desk.list('ListarCategorias', 'categoria_cadastro');
    expect(all.length).toBeGreaterThanOrEqual(40);
    const codes = new Set(all.map((row) => row.codigo));
    expect(all.every((row) => row.categoria_superior === '' || codes.has(row.categoria_superior))).toBe(true);
    const expenses = await desk.list('ListarCategorias', 'categoria_cadastro', { filtrar_por_tipo: 'D' });
    expect(
      expenses.every(
        (row) =>
          row.totalizadora === 'N' && row.conta_inativa === 'N' && row.nao_exibir === 'N' && row.codigo.startsWith('2'),
      ),
    ).toBe(true);
    expect(await desk.list('ListarCategorias', 'categoria_cadastro', { filtrar_apenas_ativo: 'S' })).not.toHaveLength(
      all.length,
    );
    const dre = (await desk.post('ListarCadastroDRE', { apenasContasAtivas: 'S' })).body;
    expect(dre.totalRegistros).toBe(dre.dreLista.length);
    const lines = new Set(dre.dreLista.map((line: Answer) => line.codigoDRE));
    const linked = all.filter((row) => row.dadosDRE?.codigoDRE);
    expect(linked.length).toBeGreaterThan(25);
    expect(linked.every((row) => lines.has(row.dadosDRE.codigoDRE))).toBe(true);
    expect((await desk.post('ConsultarCategoria', { codigo: '2.04.01' })).body.descricao).toBe(
      'Material de Escritório',
    );
    expect((await desk.post('PesquisarTipoDocumento', { codigo: 'BOL' })).body.tipo_documento_cadastro).toEqual([
      { codigo: 'BOL', descricao: 'Boleto' },
    ]);
  });
});
