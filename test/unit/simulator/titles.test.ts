import { describe, expect, it } from 'vitest';
import type { Company } from '../../../src/simulator/company.ts';
import { isoDate } from '../../../src/simulator/dates.ts';
import type { Title } from '../../../src/simulator/model.ts';
import { type Answer, openOmie } from './open-omie.ts';

const cents = (value: number): number => Math.round(value * 100);
const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
const idsOf = (rows: Answer[]): number[] =>
  rows
    .map((row) => row.codigo_lancamento_omie ?? row.cabecTitulo?.nCodTitulo ?? row.detalhes.nCodTitulo)
    .sort((a, b) => a - b);
const titleWhere = (company: Company, test: (title: Title) => boolean): Title => {
  const title = [...company.titles.values()].find(test);
  if (!title) throw new Error('the seed has no such title');
  return title;
};

describe('H13 statuses', () => {
  it('are computed from the clock when the row is read', async () => {
    const { omie, post } = await openOmie();
    const company = omie.store.company('empresa_001');
    const tomorrow = titleWhere(
      company,
      (one) => one.due === omie.store.today() + 1 && one.payments.length === 0 && one.kind === 'payable',
    );
    const status = async () =>
      (await post('ConsultarContaPagar', { codigo_lancamento_omie: tomorrow.id })).body.status_titulo;
    expect(await status()).toBe('A VENCER');
    omie.clock.advance(86_400_000);
    expect(await status()).toBe('VENCE HOJE');
    omie.clock.advance(86_400_000);
    expect(await status()).toBe('ATRASADO');
    omie.clock.set('2020-01-01T12:00:00-03:00');
    expect(await status()).toBe('A VENCER');
  });

  it('change at midnight in Brasília, not in Greenwich', async () => {
    const { omie, post } = await openOmie();
    const today = titleWhere(
      omie.store.company('empresa_001'),
      (one) => one.due === omie.store.today() && one.payments.length === 0 && one.kind === 'payable',
    );
    const status = async () =>
      (await post('ConsultarContaPagar', { codigo_lancamento_omie: today.id })).body.status_titulo;
    // 02:30 UTC of the next day is still this evening in Brasília.
    omie.clock.set('2026-11-21T02:30:00Z');
    expect(await status()).toBe('VENCE HOJE');
    omie.clock.set('2026-11-21T03:00:00Z');
    expect(await status()).toBe('ATRASADO');
  });

  it('are spelled one way in filters and another in rows', async () => {
    const { list } = await openOmie();
    const spelled = async (call: string, key: string, filter: string): Promise<string[]> => {
      const rows = await list(call, key, { filtrar_por_status: filter });
      return [...new Set(rows.map((row) => row.status_titulo))].sort();
    };
    const payable = (filter: string) => spelled('ListarContasPagar', 'conta_pagar_cadastro', filter);
    const receivable = (filter: string) => spelled('ListarContasReceber', 'conta_receber_cadastro', filter);
    expect({
      AVENCER: await payable('AVENCER'),
      VENCEHOJE: await payable('VENCEHOJE'),
      ATRASADO: await payable('ATRASADO'),
      PAGTO_PARCIAL: await payable('PAGTO_PARCIAL'),
      PAGO: await payable('PAGO'),
      LIQUIDADO: await payable('LIQUIDADO'),
      CANCELADO: await payable('CANCELADO'),
      EMABERTO: await payable('EMABERTO'),
      RECEBIDO: await receivable('RECEBIDO'),
    }).toMatchInlineSnapshot(`
      {
        "ATRASADO": [
          "ATRASADO",
          "PAGTO_PARCIAL",
        ],
        "AVENCER": [
          "A VENCER",
        ],
        "CANCELADO": [
          "CANCELADO",
        ],
        "EMABERTO": [
          "A VENCER",
          "ATRASADO",
          "PAGTO_PARCIAL",
          "VENCE HOJE",
        ],
        "LIQUIDADO": [
          "CANCELADO",
          "PAGO",
        ],
        "PAGO": [
          "CANCELADO",
          "PAGO",
        ],
        "PAGTO_PARCIAL": [
          "PAGTO_PARCIAL",
        ],
        "RECEBIDO": [
          "CANCELADO",
          "RECEBIDO",
        ],
        "VENCEHOJE": [
          "VENCE HOJE",
        ],
      }
    `);
  });

  it.each([
    ['payable', 'ListarContasPagar', 'conta_pagar_cadastro'],
    ['receivable', 'ListarContasReceber', 'conta_receber_cadastro'],
  ] as const)('of %s filters agree with the oracle', async (kind, call, key) => {
    const { list, omie } = await openOmie();
    const found = async (filter: string) => idsOf(await list(call, key, { filtrar_por_status: filter }));
    const judged = (situation: Parameters<typeof omie.store.totals>[1]) =>
      omie.store.totals('empresa_001', { kind, ...situation }).ids;
    expect(await found('ATRASADO')).toEqual(judged({ situation: 'overdue' }));
    expect(await found('EMABERTO')).toEqual(judged({ situation: 'open' }));
    expect(await found('CANCELADO')).toEqual(judged({ situation: 'cancelled' }));
    expect(await found('PAGTO_PARCIAL')).toEqual(judged({ situation: 'partial' }));
    // The four open filters together find every open title, some of them twice.
    const union = new Set<number>();
    for (const filter of ['ATRASADO', 'VENCEHOJE', 'AVENCER', 'PAGTO_PARCIAL'])
      for (const id of await found(filter)) union.add(id);
    expect([...union].sort((a, b) => a - b)).toEqual(judged({ situation: 'open' }));
  });

  it('open receivables have a flag of their own, deprecated for payables', async () => {
    const { list, omie } = await openOmie();
    const flag = { filtrar_apenas_titulos_em_aberto: 'S' };
    const receivables = await list('ListarContasReceber', 'conta_receber_cadastro', flag);
    expect(idsOf(receivables)).toEqual(omie.store.totals('empresa_001', { kind: 'receivable', situation: 'open' }).ids);
    const payables = await list('ListarContasPagar', 'conta_pagar_cadastro', flag);
    expect(payables).toHaveLength(omie.store.totals('empresa_001', { kind: 'payable' }).count);
  });
});

describe('H14 movements', () => {
  it('list a settled title twice unless a type is asked for', async () => {
    const { omie, post } = await openOmie();
    const paid = titleWhere(
      omie.store.company('empresa_001'),
      (one) =>
        one.kind === 'payable' &&
        one.payments.length === 1 &&
        one.cancelled === undefined &&
        omie.store.company('empresa_001').isSettled(one),
    );
    const { movimentos } = (await post('ListarMovimentos', { nCodTitulo: paid.id })).body;
    expect(movimentos.map((row: Answer) => row.detalhes.cGrupo)).toEqual(['CONTA_A_PAGAR', 'CONTA_CORRENTE_PAG']);
    const [title, leg] = movimentos;
    expect(leg.detalhes).toMatchObject({ nCodTitulo: paid.id, nCodBaixa: paid.payments[0]?.id, cOrigem: 'BAXP' });
    expect(leg.detalhes.nValorTitulo).toBeUndefined();
    // The leg repeats the title's summary: adding both counts the money twice.
    expect(leg.resumo).toEqual(title.resumo);
    const alone = (await post('ListarMovimentos', { nCodTitulo: paid.id, cTpLancamento: 'CP' })).body;
    expect(alone.nTotRegistros).toBe(1);
  });

  it('separate by type', async () => {
    const { list } = await openOmie();
    const groups = async (cTpLancamento: string): Promise<string[]> => {
      const rows = await list('ListarMovimentos', 'movimentos', cTpLancamento === '' ? {} : { cTpLancamento });
      return [
        ...new Set(
          rows.map(
            (row) => `${row.detalhes.cGrupo}${row.detalhes.cOrigem === undefined ? '' : ` ${row.detalhes.cNatureza}`}`,
          ),
        ),
      ].sort();
    };
    expect({
      CP: await groups('CP'),
      CR: await groups('CR'),
      CPCR: await groups('CPCR'),
      BX: await groups('BX'),
      BXCP: await groups('BXCP'),
      CCE: await groups('CCE'),
      CCS: await groups('CCS'),
      PV: await groups('PV'),
      PPV: await groups('PPV'),
      all: await groups(''),
    }).toMatchInlineSnapshot(`
      {
        "BX": [
          "CONTA_CORRENTE_PAG P",
          "CONTA_CORRENTE_REC R",
        ],
        "BXCP": [
          "CONTA_CORRENTE_PAG P",
        ],
        "CCE": [
          "CONTA_CORRENTE_REC R",
        ],
        "CCS": [
          "CONTA_CORRENTE_PAG P",
        ],
        "CP": [
          "CONTA_A_PAGAR P",
        ],
        "CPCR": [
          "CONTA_A_PAGAR P",
          "CONTA_A_RECEBER R",
        ],
        "CR": [
          "CONTA_A_RECEBER R",
        ],
        "PPV": [],
        "PV": [
          "PREVISAO_CONTRATO",
        ],
        "all": [
          "CONTA_A_PAGAR P",
          "CONTA_A_RECEBER R",
          "CONTA_CORRENTE_PAG P",
          "CONTA_CORRENTE_REC R",
          "PREVISAO_CONTRATO",
        ],
      }
    `);
  });

  it('of transfers come as a pair, and forecasts carry only their net value', async () => {
    const { list } = await openOmie();
    const transfers = await list('ListarMovimentos', 'movimentos', { cTpLancamento: 'CCT' });
    expect(new Set(transfers.map((row) => row.detalhes.cOrigem))).toEqual(new Set(['TRAP', 'TRAR']));
    const forecasts = await list('ListarMovimentos', 'movimentos', { cTpLancamento: 'PV' });
    expect(forecasts[0].detalhes).toMatchObject({ cGrupo: 'PREVISAO_CONTRATO', cStatus: 'PREVISAO' });
    expect(Object.keys(forecasts[0].resumo)).toEqual(['nValLiquido']);
  });

  it('without the facts a filter asks for stay out', async () => {
    const { list } = await openOmie();
    const groups = async (param: object): Promise<Set<string>> =>
      new Set(
        (await list('ListarMovimentos', 'movimentos', param)).map((row) => row.detalhes.cOrigem ?? row.detalhes.cGrupo),
      );
    expect(await groups({ dDtPagtoDe: '01/01/2026', dDtPagtoAte: '20/11/2026' })).toContain('EXTP');
    expect(await groups({ dDtVencDe: '01/01/2026', dDtVencAte: '31/12/2027' })).not.toContain('EXTP');
    expect(await groups({ dDtVencDe: '01/01/2026', dDtVencAte: '31/12/2027' })).toContain('PREVISAO_CONTRATO');
    expect(await groups({ dDtEmisDe: '01/01/2026', dDtEmisAte: '31/12/2027' })).not.toContain('PREVISAO_CONTRATO');
    expect(await groups({ cStatus: 'AVENCER' })).not.toContain('PREVISAO_CONTRATO');
  });

  it('filter by due date, payment date, counterparty, category and account', async () => {
    const { list, omie } = await openOmie();
    const company = omie.store.company('empresa_001');
    const found = async (param: object) =>
      idsOf(await list('ListarMovimentos', 'movimentos', { cTpLancamento: 'CPCR', ...param }));
    const judged = (test: (title: Title) => boolean) =>
      [...company.titles.values()]
        .filter(test)
        .map((title) => title.id)
        .sort((a, b) => a - b);
    const today = omie.store.today();

    const window = omie.store.totals('empresa_001', { dueFrom: isoDate(today - 30), dueTo: isoDate(today + 7) });
    expect(await found({ dDtVencDe: '21/10/2026', dDtVencAte: '27/11/2026' })).toEqual(window.ids);
    expect(await found({ dDtPagtoDe: '01/11/2026', dDtPagtoAte: '20/11/2026' })).toEqual(
      judged((title) => title.payments.some((payment) => payment.day >= today - 19 && payment.day <= today)),
    );
    const client = [...company.clients.values()].find((one) => one.legalName.includes('ENERGIA'))!;
    expect(await found({ cCPFCNPJCliente: client.taxId.replace(/\D/g, '') })).toEqual(
      judged((title) => title.clientId === client.id),
    );
    expect(await found({ nCodCliente: client.id })).toEqual(await found({ cCPFCNPJCliente: client.taxId }));
    expect(await found({ cCodCateg: '2.05.01' })).toEqual(
      omie.store.totals('empresa_001', { category: '2.05.01' }).ids,
    );
    expect(await found({ cNatureza: 'P' })).toEqual(judged((title) => title.kind === 'payable'));
    const account = [...company.accounts.keys()][1];
    expect(await found({ nCodCC: account })).toEqual(judged((title) => title.accountId === account));
  });

  it('carry registration data and departments only when asked', async () => {
    const { omie, post } = await openOmie();
    const split = titleWhere(omie.store.company('empresa_001'), (one) => one.departments.length > 1);
    const row = async (param: object): Promise<Answer> =>
      (await post('ListarMovimentos', { nCodTitulo: split.id, cTpLancamento: 'CPCR', ...param })).body.movimentos[0];
    const plain = await row({});
    expect(plain.departamentos).toBeUndefined();
    expect(plain.detalhes.dDtInc).toBeUndefined();
    const full = await row({ lDadosCad: true, cExibirDepartamentos: 'S' });
    expect(full.departamentos).toHaveLength(split.departments.length);
    expect(full.detalhes.dDtInc).toMatch(/^\d\d\/\d\d\/\d{4}$/);
    expect((await post('ListarMovimentos', { lDadosCad: 'S' })).body.faultcode).toBe('SOAP-ENV:Client-105');
  });
});

describe('H15 payments', () => {
  it('in parts accumulate on one title, with discount, interest and fine beside', async () => {
    const { omie, post } = await openOmie();
    const company = omie.store.company('empresa_001');
    const late = titleWhere(
      company,
      (one) => one.payments.length === 2 && one.kind === 'receivable' && one.cancelled === undefined,
    );
    const { movimentos } = (await post('ListarMovimentos', { nCodTitulo: late.id, cTpLancamento: 'CR' })).body;
    const paid = sum(late.payments.map((payment) => payment.principal));
    const { resumo } = movimentos[0];
    expect(cents(resumo.nValPago)).toBe(paid);
    expect(cents(resumo.nJuros)).toBe(sum(late.payments.map((payment) => payment.interest)));
    expect(resumo.nJuros).toBeGreaterThan(0);
    expect(cents(resumo.nValLiquido)).toBe(
      paid + cents(resumo.nJuros) + cents(resumo.nMulta) - cents(resumo.nDesconto),
    );
    const found = (await post('PesquisarLancamentos', { nCodTitulo: late.id })).body.titulosEncontrados[0];
    expect(found.lancamentos).toHaveLength(2);
    expect(sum(found.lancamentos.map((one: Answer) => cents(one.nValLanc)))).toBe(paid);
  });

  it('leave a balance that document value less paid does not give when taxes are withheld', async () => {
    const { omie, post } = await openOmie();
    const withheld = titleWhere(
      omie.store.company('empresa_001'),
      (one) => one.taxes.ir?.withheld === true && one.payments.length === 0,
    );
    const { detalhes, resumo } = (await post('ListarMovimentos', { nCodTitulo: withheld.id })).body.movimentos[0];
    expect(detalhes.cRetIR).toBe('S');
    expect(detalhes.cRetISS).toBe('N');
    const retained =
      cents(detalhes.nValorPIS) + cents(detalhes.nValorCOFINS) + cents(detalhes.nValorCSLL) + cents(detalhes.nValorIR);
    expect(retained).toBeGreaterThan(0);
    expect(cents(resumo.nValAberto)).toBe(cents(detalhes.nValorTitulo) - retained);
  });

  it('and open balances add up to what the oracle says', async () => {
    const { list, omie } = await openOmie({ companies: 2 });
    for (const [index, id] of ['empresa_001', 'empresa_002'].entries()) {
      for (const [kind, type, nature] of [
        ['payable', 'CP', 'P'],
        ['receivable', 'CR', 'R'],
      ] as const) {
        const rows = await list(
          'ListarMovimentos',
          'movimentos',
          { cTpLancamento: type, cNatureza: nature, cStatus: 'ATRASADO' },
          { company: index },
        );
        const judged = omie.store.totals(id, { kind, situation: 'overdue' });
        expect(rows).toHaveLength(judged.count);
        expect(sum(rows.map((row) => cents(row.resumo.nValAberto)))).toBe(judged.open);
        expect(sum(rows.map((row) => cents(row.detalhes.nValorTitulo)))).toBe(judged.amount);
      }
    }
  });

  it('show neither balance nor payment date in the two lists', async () => {
    const { post } = await openOmie();
    const row = (await post('ListarContasPagar', { pagina: 1, filtrar_por_status: 'PAGO' })).body
      .conta_pagar_cadastro[0];
    expect(Object.keys(row).filter((key) => /pag(amento|o)$|aberto|saldo/i.test(key))).toEqual([]);
    expect(Object.keys(row).filter((key) => /razao|nome/.test(key))).toEqual([]);
  });
});

describe('H16 splits', () => {
  it('by category are empty in movements, and whole in the list and the search', async () => {
    const { omie, post } = await openOmie();
    const split = titleWhere(
      omie.store.company('empresa_001'),
      (one) => one.categories.length === 3 && one.kind === 'payable',
    );
    const movement = (await post('ListarMovimentos', { nCodTitulo: split.id })).body.movimentos[0];
    expect(movement.categorias).toEqual([]);
    expect(movement.detalhes.cCodCateg).toBe(split.categories[0]?.code);
    const row = (await post('ConsultarContaPagar', { codigo_lancamento_omie: split.id })).body;
    expect(sum(row.categorias.map((share: Answer) => cents(share.valor)))).toBe(split.amount);
    expect(row.categorias.map((share: Answer) => share.percentual)).toEqual([33.33, 33.33, 33.34]);
    const found = (await post('PesquisarLancamentos', { nCodTitulo: split.id })).body.titulosEncontrados[0];
    expect(sum(found.cabecTitulo.aCodCateg.map((share: Answer) => cents(share.nValor)))).toBe(split.amount);
  });

  it('by department are in distribuicao and in departamentos, and add up', async () => {
    const { omie, post } = await openOmie();
    const split = titleWhere(
      omie.store.company('empresa_001'),
      (one) => one.departments.length === 2 && one.kind === 'receivable',
    );
    const row = (await post('ConsultarContaReceber', { codigo_lancamento_omie: split.id })).body;
    expect(sum(row.distribuicao.map((share: Answer) => cents(share.nValDep)))).toBe(split.amount);
    expect(sum(row.distribuicao.map((share: Answer) => share.nPerDep))).toBeCloseTo(100);
    const found = (await post('PesquisarLancamentos', { nCodTitulo: split.id })).body.titulosEncontrados[0];
    expect(sum(found.departamentos.map((share: Answer) => cents(share.nDistrValor)))).toBe(split.amount);
  });
});

describe('H17 odd texts and types', () => {
  it('come with HTML entities, escaped accents and padded fiscal numbers', async () => {
    const { post, list } = await openOmie();
    const accountant = await post('ListarClientes', { pagina: 1, clientesFiltro: { razao_social: 'silva &' } });
    expect(accountant.body.clientes_cadastro[0].razao_social).toBe('SILVA &amp; FILHOS CONTABILIDADE LTDA');
    const stationer = await post('ListarClientesResumido', {
      pagina: 1,
      clientesFiltro: { razao_social: 'papelaria' },
    });
    expect(stationer.body.clientes_cadastro_resumido[0].razao_social).toBe(
      'PAPELARIA CENTRAL &quot;O CADERNO&quot; LTDA',
    );
    expect((await post('ListarCategorias', { pagina: 1 })).text).toContain('Transfer\\u00eancias');
    const rows = await list('ListarContasPagar', 'conta_pagar_cadastro');
    const fiscal = rows.map((row) => row.numero_documento_fiscal).filter((number) => number !== '');
    expect(fiscal.every((number) => /^\d{8}$/.test(number) && number.startsWith('0'))).toBe(true);
  });

  it('leave out optional fields, and mix string and number ids', async () => {
    const { post, list } = await openOmie();
    const rows = await list('ListarContasPagar', 'conta_pagar_cadastro');
    for (const key of ['codigo_projeto', 'distribuicao', 'valor_pag']) {
      const present = rows.filter((row) => key in row).length;
      expect(present, key).toBeGreaterThan(0);
      expect(present, key).toBeLessThan(rows.length);
    }
    const client = (await post('ListarClientes', { pagina: 1 })).body.clientes_cadastro.find(
      (row: Answer) => !('email' in row),
    );
    expect(client).toBeDefined();
    expect((await post('ListarDepartamentos', { pagina: 1 })).body.departamentos[0].codigo).toBeTypeOf('string');
    expect((await post('ListarProjetos', { pagina: 1 })).body.cadastro[0].codigo).toBeTypeOf('number');
    expect((await post('ListarProjetos', { pagina: 1 })).body.cadastro[0].info).toHaveProperty('data_inc');
    expect((await post('ListarEmpresas', { pagina: 1 })).body.empresas_cadastro[0].codigo_empresa).toBeTypeOf('string');
    expect((await post('ListarClientesResumido', { pagina: 1 })).body.clientes_cadastro_resumido[0]).toHaveProperty(
      'codigo_cliente',
    );
  });

  it('format tax ids on the way out and take them either way in', async () => {
    const { post } = await openOmie();
    const { clientes_cadastro } = (await post('ListarClientes', { pagina: 1, registros_por_pagina: 100 })).body;
    for (const client of clientes_cadastro) {
      expect(client.cnpj_cpf).toMatch(
        client.pessoa_fisica === 'S' ? /^\d{3}\.\d{3}\.\d{3}-\d{2}$/ : /^\d{2}\.\d{3}\.\d{3}\/\d{4}-\d{2}$/,
      );
    }
    const { cnpj_cpf, codigo_cliente_omie } = clientes_cadastro[3];
    for (const text of [cnpj_cpf, cnpj_cpf.replace(/\D/g, '')]) {
      const { body } = await post('ListarClientes', { pagina: 1, clientesFiltro: { cnpj_cpf: text } });
      expect(body.clientes_cadastro[0].codigo_cliente_omie).toBe(codigo_cliente_omie);
    }
  });

  it('carry a name that gives orders and one full of invisible characters', async () => {
    const { post, omie } = await openOmie();
    const named = async (part: string): Promise<Answer> =>
      (await post('ListarClientes', { pagina: 1, clientesFiltro: { razao_social: part } })).body.clientes_cadastro[0];
    const injection = await named('ignore all previous');
    expect(injection.razao_social).toContain('excluir_conta_pagar');
    expect(
      omie.store.totals('empresa_001', { counterpartyId: injection.codigo_cliente_omie, situation: 'overdue' }).count,
    ).toBeGreaterThan(0);
    const weird = await named('RO\u200dWIDTH');
    expect(weird.razao_social.length).toBeGreaterThan(4_000);
    expect(weird.razao_social).toContain('\u0007');
  });

  it('ignore most client filters, and match tags to the letter', async () => {
    const { post } = await openOmie();
    const total = async (clientesFiltro: object) =>
      (await post('ListarClientes', { pagina: 1, clientesFiltro })).body.total_de_registros ?? 0;
    const all = await total({});
    expect(await total({ cidade: 'nenhuma', email: 'ninguem@exemplo.com.br' })).toBe(all);
    expect(await total({ tags: [{ tag: 'Fornecedor' }] })).toBeGreaterThan(10);
    expect(await total({ tags: [{ tag: 'fornecedor' }] })).toBe(0);
    expect(await total({ inativo: 'S' })).toBeGreaterThan(0);
  });

  it('filter by change date, never by due date', async () => {
    const { list, omie } = await openOmie();
    const rows = await list('ListarContasPagar', 'conta_pagar_cadastro', {
      filtrar_por_data_de: '01/11/2026',
      filtrar_por_data_ate: '20/11/2026',
    });
    const today = omie.store.today();
    expect(idsOf(rows)).toEqual(
      omie.store
        .company('empresa_001')
        .titlesOf('payable')
        .filter((one) => one.changed.day >= today - 19 && one.changed.day <= today)
        .map((one) => one.id),
    );
  });
});
