import { describe, expect, it } from 'vitest';
import type { Title } from '../../../src/simulator/model.ts';
import { defaultQuirks, type Quirks } from '../../../src/simulator/quirks.ts';
import { type Answer, type Desk, openOmie } from './open-omie.ts';

const withQuirks = (quirks: Partial<Quirks>, options: object = {}): Promise<Desk> => openOmie({ quirks, ...options });
const find = (desk: Desk, test: (title: Title) => boolean): Title => {
  const title = [...desk.omie.store.company('empresa_001').titles.values()].find(test);
  if (!title) throw new Error('the seed has no such title');
  return title;
};
const halfPaidOverdue = (desk: Desk): Title =>
  find(desk, (one) => one.kind === 'payable' && one.payments.length === 1 && one.due === desk.omie.store.today() - 30);
const movement = async (desk: Desk, id: number): Promise<Answer> =>
  (await desk.post('ListarMovimentos', { nCodTitulo: id, cTpLancamento: 'CPCR' })).body.movimentos[0];
const only = (limits: object) => ({
  perIpPerMinute: false,
  perMethodPerMinute: false,
  concurrency: false,
  writeConcurrency: false,
  redundancyMs: false,
  errorsToBlock: false,
  ...limits,
});

describe('quirks: every doubt in both positions', () => {
  it('defaults are fixed here on purpose', () => {
    expect(defaultQuirks).toMatchInlineSnapshot(`
      {
        "bankEntrySign": "absolute",
        "blockExtensionMs": 60000,
        "budgetPeriodType": "number",
        "commaListInStatus": false,
        "companyCodeType": "string",
        "departamentosLocation": "sibling",
        "discountInsidePaid": true,
        "emAbertoInMovimentos": "accepted",
        "emptyCountsAsError": true,
        "errorWindow": 60000,
        "faultHttpStatus": 500,
        "heavyPageBreaks": true,
        "hungarianStatusSpelling": "compact",
        "labelLagDays": 0,
        "lockScope": "method",
        "lostAnswerIsConsumed": false,
        "paidFilterIncludesCancelled": true,
        "partialOverdueMatches": "both",
        "partialOverdueShows": "PAGTO_PARCIAL",
        "pesquisarNeedsNatureza": false,
        "redundancyRestartsWindow": true,
        "redundantCountsAsError": true,
        "settledSpelling": "by-side",
        "snakePageCap": 100,
        "statementLagMs": 0,
        "statusPartialSpelling": "PAGTO_PARCIAL",
        "taxIdFilter": "either",
        "unknownKeys": "rejected",
        "unpaidNetValue": "zero",
        "unpaidOpenValue": "owed",
        "valorPag": "sometimes",
        "weekendRule": "immediate",
        "wrongSecretFault": "Server-403",
      }
    `);
  });

  it('lockScope: the whole method, or an identical query only', async () => {
    const run = async (lockScope: Quirks['lockScope'], pages: number[]) => {
      const desk = await withQuirks({ lockScope }, { latencyMs: 60, limits: only({ concurrency: 1 }) });
      const replies = await Promise.all(pages.map((pagina) => desk.post('ListarContasPagar', { pagina })));
      return replies.map((reply) => reply.body.faultcode ?? 'ok').sort();
    };
    expect(await run('method', [1, 2])).toEqual(['SOAP-ENV:Client-1880', 'ok']);
    expect(await run('query', [1, 2])).toEqual(['ok', 'ok']);
    expect(await run('query', [1, 1])).toEqual(['SOAP-ENV:Client-1880', 'ok']);
  });

  it('snakePageCap: 100 or 500', async () => {
    for (const [snakePageCap, rows] of [
      [100, 100],
      [500, 200],
    ] as const) {
      const desk = await withQuirks({ snakePageCap });
      const { body } = await desk.post('ListarContasPagar', { pagina: 1, registros_por_pagina: 500 });
      expect(body.registros).toBe(rows);
    }
  });

  it('faultHttpStatus: 500 or 200, while 403 and 425 stay', async () => {
    for (const faultHttpStatus of [500, 200] as const) {
      const desk = await withQuirks({ faultHttpStatus });
      expect((await desk.post('ListarContasPagar', { pagina: 99 })).status).toBe(faultHttpStatus);
      expect((await desk.post('ListarContasPagar', { pagina: 1 }, { appKey: '1' })).status).toBe(403);
    }
  });

  it('emptyCountsAsError: an empty list counts toward the block or not', async () => {
    for (const [emptyCountsAsError, status] of [
      [true, 425],
      [false, 500],
    ] as const) {
      const desk = await withQuirks({ emptyCountsAsError }, { limits: only({ errorsToBlock: 3 }) });
      for (let page = 90; page < 93; page += 1) await desk.post('ListarContasPagar', { pagina: page });
      expect((await desk.post('ListarContasPagar', { pagina: 93 })).status).toBe(status);
    }
  });

  it('redundantCountsAsError: a repeat counts toward the block or not', async () => {
    for (const [redundantCountsAsError, status] of [
      [true, 425],
      [false, 500],
    ] as const) {
      const desk = await withQuirks(
        { redundantCountsAsError },
        { limits: only({ redundancyMs: 60_000, errorsToBlock: 2 }) },
      );
      for (let time = 0; time < 3; time += 1) await desk.post('ListarContasPagar', { pagina: 1 });
      expect((await desk.post('ListarContasPagar', { pagina: 1 })).status).toBe(status);
    }
  });

  it('errorWindow: errors within a span, or one after another', async () => {
    const run = async (errorWindow: Quirks['errorWindow'], good: boolean, pauseMs: number) => {
      const desk = await withQuirks({ errorWindow }, { limits: only({ errorsToBlock: 3 }) });
      for (let page = 90; page < 93; page += 1) {
        if (good) await desk.post('ListarContasPagar', { pagina: 1 });
        await desk.post('ListarContasPagar', { pagina: page });
        desk.omie.clock.advance(pauseMs);
      }
      return (await desk.post('ListarContasPagar', { pagina: 1 })).status;
    };
    expect(await run(60_000, true, 1_000)).toBe(425);
    expect(await run(60_000, false, 40_000)).toBe(200);
    expect(await run('consecutive', false, 40_000)).toBe(425);
    expect(await run('consecutive', true, 1_000)).toBe(200);
  });

  it('blockExtensionMs: calls during the block prolong it or not', async () => {
    for (const [blockExtensionMs, sentence] of [
      [0, 'em 1200 segundos'],
      [1_800_000, 'em 1800 segundos'],
    ] as const) {
      const desk = await withQuirks({ blockExtensionMs }, { limits: only({ errorsToBlock: 1 }) });
      await desk.post('ListarContasPagar', { pagina: 99 });
      desk.omie.clock.advance(600_000);
      expect((await desk.post('ListarContasPagar', { pagina: 1 })).body.faultstring).toContain(sentence);
    }
  });

  it('redundancyRestartsWindow: insisting starts the 60 seconds again or not', async () => {
    for (const [redundancyRestartsWindow, seconds, status] of [
      [true, 60, 500],
      [false, 20, 200],
    ] as const) {
      const desk = await withQuirks({ redundancyRestartsWindow }, { limits: only({ redundancyMs: 60_000 }) });
      const ask = () => desk.post('ListarContasPagar', { pagina: 1 });
      await ask();
      desk.omie.clock.advance(40_000);
      expect((await ask()).body.faultstring).toContain(`Aguarde ${seconds} segundos`);
      desk.omie.clock.advance(20_000);
      expect((await ask()).status).toBe(status);
    }
  });

  it('wrongSecretFault: Server with 403, or Client-101', async () => {
    const code = async (wrongSecretFault: Quirks['wrongSecretFault']) => {
      const desk = await withQuirks({ wrongSecretFault });
      const { status, body } = await desk.post('ListarContasPagar', { pagina: 1 }, { appSecret: 'x' });
      return `${status} ${body.faultcode}`;
    };
    expect(await code('Server-403')).toBe('403 SOAP-ENV:Server');
    expect(await code('Client-101')).toBe('500 SOAP-ENV:Client-101');
  });

  it('unknownKeys: rejected or ignored, nested ones too', async () => {
    const param = { pagina: 1, pagina_errada: 1, clientesFiltro: { cnpj: 'x', razao_social: 'banco' } };
    const refused = await (await withQuirks({ unknownKeys: 'rejected' })).post('ListarClientes', param);
    expect(refused.body.faultcode).toBe('SOAP-ENV:Client-5001');
    const taken = await (await withQuirks({ unknownKeys: 'ignored' })).post('ListarClientes', param);
    expect(taken.body.total_de_registros).toBe(1);
  });

  it('statusPartialSpelling: with or without the underscore, in rows only', async () => {
    for (const statusPartialSpelling of ['PAGTO_PARCIAL', 'PAGTOPARCIAL'] as const) {
      const desk = await withQuirks({ statusPartialSpelling });
      const { body } = await desk.post('ListarContasPagar', { filtrar_por_status: 'PAGTO_PARCIAL' });
      expect(body.conta_pagar_cadastro[0].status_titulo).toBe(statusPartialSpelling);
      expect((await movement(desk, halfPaidOverdue(desk).id)).detalhes.cStatus).toBe(statusPartialSpelling);
    }
  });

  it('settledSpelling: by side, LIQUIDADO, or a mix', async () => {
    const spelled = async (settledSpelling: Quirks['settledSpelling']) => {
      const desk = await withQuirks({ settledSpelling, paidFilterIncludesCancelled: false });
      const { body } = await desk.post('ListarContasReceber', {
        filtrar_por_status: 'LIQUIDADO',
        registros_por_pagina: 100,
      });
      return [...new Set(body.conta_receber_cadastro.map((row: Answer) => row.status_titulo))].sort();
    };
    expect(await spelled('by-side')).toEqual(['RECEBIDO']);
    expect(await spelled('LIQUIDADO')).toEqual(['LIQUIDADO']);
    expect(await spelled('mixed')).toEqual(['LIQUIDADO', 'RECEBIDO']);
  });

  it('hungarianStatusSpelling: "A VENCER" or "AVENCER" in movements', async () => {
    for (const [hungarianStatusSpelling, spelling] of [
      ['spaced', 'A VENCER'],
      ['compact', 'AVENCER'],
    ] as const) {
      const desk = await withQuirks({ hungarianStatusSpelling });
      const { body } = await desk.post('PesquisarLancamentos', { cStatus: 'AVENCER' });
      expect(body.titulosEncontrados[0].cabecTitulo.cStatus).toBe(spelling);
    }
  });

  it('partialOverdueMatches: which filters find a half-paid overdue title', async () => {
    const found = async (partialOverdueMatches: Quirks['partialOverdueMatches']) => {
      const desk = await withQuirks({ partialOverdueMatches });
      const { id } = halfPaidOverdue(desk);
      const has = async (filtrar_por_status: string) => {
        const rows = await desk.list('ListarContasPagar', 'conta_pagar_cadastro', { filtrar_por_status });
        return rows.some((row) => row.codigo_lancamento_omie === id);
      };
      return {
        ATRASADO: await has('ATRASADO'),
        PAGTO_PARCIAL: await has('PAGTO_PARCIAL'),
        EMABERTO: await has('EMABERTO'),
      };
    };
    expect(await found('both')).toEqual({ ATRASADO: true, PAGTO_PARCIAL: true, EMABERTO: true });
    expect(await found('ATRASADO')).toEqual({ ATRASADO: true, PAGTO_PARCIAL: false, EMABERTO: true });
    expect(await found('PAGTO_PARCIAL')).toEqual({ ATRASADO: false, PAGTO_PARCIAL: true, EMABERTO: true });
  });

  it('partialOverdueShows: which status its row carries', async () => {
    for (const partialOverdueShows of ['ATRASADO', 'PAGTO_PARCIAL'] as const) {
      const desk = await withQuirks({ partialOverdueShows });
      const row = (await desk.post('ConsultarContaPagar', { codigo_lancamento_omie: halfPaidOverdue(desk).id })).body;
      expect(row.status_titulo).toBe(partialOverdueShows);
    }
  });

  it('weekendRule: overdue on Sunday, or only after Monday', async () => {
    const week = async (weekendRule: Quirks['weekendRule']) => {
      const desk = await withQuirks({ weekendRule });
      // 21/11/2026 is a Saturday.
      const saturday = find(
        desk,
        (one) => one.kind === 'payable' && one.due === desk.omie.store.today() + 1 && one.payments.length === 0,
      );
      const statuses = [];
      for (const day of [21, 22, 23, 24]) {
        desk.omie.clock.set(`2026-11-${day}T12:00:00-03:00`);
        statuses.push(
          (await desk.post('ConsultarContaPagar', { codigo_lancamento_omie: saturday.id })).body.status_titulo,
        );
      }
      return statuses;
    };
    expect(await week('immediate')).toEqual(['VENCE HOJE', 'ATRASADO', 'ATRASADO', 'ATRASADO']);
    expect(await week('nextBusinessDay')).toEqual(['A VENCER', 'A VENCER', 'VENCE HOJE', 'ATRASADO']);
  });

  it('unpaidNetValue: nothing, or what is owed', async () => {
    for (const unpaidNetValue of ['zero', 'value'] as const) {
      const desk = await withQuirks({ unpaidNetValue });
      const unpaid = find(
        desk,
        (one) => one.payments.length === 0 && Object.keys(one.taxes).length === 0 && one.cancelled === undefined,
      );
      const { resumo } = await movement(desk, unpaid.id);
      expect(resumo.nValLiquido).toBe(unpaidNetValue === 'zero' ? 0 : unpaid.amount / 100);
    }
  });

  it('unpaidOpenValue: what is owed, or nothing', async () => {
    for (const unpaidOpenValue of ['owed', 'zero'] as const) {
      const desk = await withQuirks({ unpaidOpenValue });
      const unpaid = find(
        desk,
        (one) => one.payments.length === 0 && Object.keys(one.taxes).length === 0 && one.cancelled === undefined,
      );
      const { resumo } = await movement(desk, unpaid.id);
      expect(resumo).toMatchObject({
        nValAberto: unpaidOpenValue === 'zero' ? 0 : unpaid.amount / 100,
        cLiquidado: 'N',
      });
    }
  });

  it('discountInsidePaid: the paid value contains the discount or not; the balance is the same', async () => {
    const state = async (discountInsidePaid: boolean) => {
      const desk = await withQuirks({ discountInsidePaid });
      const title = find(
        desk,
        (one) =>
          one.payments[0]?.discount !== undefined &&
          one.payments[0].discount > 0 &&
          one.due === desk.omie.store.today(),
      );
      const { resumo } = await movement(desk, title.id);
      const open = find(desk, (one) => one.kind === 'payable' && one.payments.length === 0 && one.amount === 125_050);
      const settle = await desk.post('LancarPagamento', {
        codigo_lancamento: open.id,
        codigo_conta_corrente: open.accountId,
        valor: 1_240.5,
        desconto: 10,
        data: '20/11/2026',
      });
      return { pago: resumo.nValPago, aberto: resumo.nValAberto, liquidado: settle.body.liquidado };
    };
    const inside = await state(true);
    const beside = await state(false);
    expect(beside.aberto).toBe(inside.aberto);
    expect(beside.pago).toBeLessThan(inside.pago);
    expect([inside.liquidado, beside.liquidado]).toEqual(['N', 'S']);
  });

  it('departamentosLocation: inside cabecTitulo or beside it', async () => {
    for (const departamentosLocation of ['inside', 'sibling'] as const) {
      const desk = await withQuirks({ departamentosLocation });
      const split = find(desk, (one) => one.departments.length > 1);
      const row = (await desk.post('PesquisarLancamentos', { nCodTitulo: split.id })).body.titulosEncontrados[0];
      const inside = departamentosLocation === 'inside';
      expect('departamentos' in row.cabecTitulo).toBe(inside);
      expect('departamentos' in row).toBe(!inside);
    }
  });

  it('commaListInStatus: refused, or any of the list', async () => {
    const param = { filtrar_por_status: 'ATRASADO,AVENCER' };
    expect(
      (await (await withQuirks({ commaListInStatus: false })).post('ListarContasPagar', param)).body.faultcode,
    ).toBe('SOAP-ENV:Client-105');
    const desk = await withQuirks({ commaListInStatus: true });
    const single = async (status: string) =>
      (await desk.post('ListarContasPagar', { filtrar_por_status: status })).body.total_de_registros;
    expect((await desk.post('ListarContasPagar', param)).body.total_de_registros).toBe(
      (await single('ATRASADO')) + (await single('AVENCER')),
    );
  });

  it('emAbertoInMovimentos: accepted, or refused with 105', async () => {
    const accepted = await withQuirks({ emAbertoInMovimentos: 'accepted' });
    const { body } = await accepted.post('ListarMovimentos', { cStatus: 'EMABERTO', cTpLancamento: 'CP' });
    expect(body.nTotRegistros).toBe(
      accepted.omie.store.totals('empresa_001', { kind: 'payable', situation: 'open' }).count,
    );
    const rejected = await withQuirks({ emAbertoInMovimentos: 'rejected' });
    for (const call of ['ListarMovimentos', 'PesquisarLancamentos']) {
      expect((await rejected.post(call, { cStatus: 'EMABERTO' })).body.faultcode).toBe('SOAP-ENV:Client-105');
    }
    expect((await rejected.post('ListarContasPagar', { filtrar_por_status: 'EMABERTO' })).status).toBe(200);
  });

  it('taxIdFilter: which spelling of a CNPJ/CPF finds its titles', async () => {
    for (const taxIdFilter of ['either', 'formatted', 'digits'] as const) {
      const desk = await withQuirks({ taxIdFilter });
      const { clientId } = find(desk, (one) => one.kind === 'payable');
      const { taxId } = desk.omie.store.company('empresa_001').clients.get(clientId)!;
      const finds = async (cCPFCNPJCliente: string) =>
        (await desk.post('ListarMovimentos', { cCPFCNPJCliente, cTpLancamento: 'CP' })).body.nTotRegistros > 0;
      expect(await finds(taxId)).toBe(taxIdFilter !== 'digits');
      expect(await finds(taxId.replace(/\D/g, ''))).toBe(taxIdFilter !== 'formatted');
    }
  });

  it('labelLagDays: a title past due is still called AVENCER, by its row and by the filters', async () => {
    const desk = await withQuirks({ labelLagDays: 60 });
    const late = find(
      desk,
      (one) =>
        one.kind === 'payable' &&
        one.payments.length === 0 &&
        one.cancelled === undefined &&
        one.due < desk.omie.store.today() - 7 &&
        one.due > desk.omie.store.today() - 60,
    );
    const has = async (cStatus: string) =>
      (await desk.list('ListarMovimentos', 'movimentos', { cStatus, cTpLancamento: 'CP', nRegPorPagina: 500 })).some(
        (row) => row.detalhes.nCodTitulo === late.id,
      );
    expect([await has('ATRASADO'), await has('AVENCER'), await has('EMABERTO')]).toEqual([false, true, true]);
  });

  it('paidFilterIncludesCancelled: titles paid and cancelled later come with the paid ones or not', async () => {
    for (const paidFilterIncludesCancelled of [true, false]) {
      const desk = await withQuirks({ paidFilterIncludesCancelled });
      const rows = await desk.list('ListarContasPagar', 'conta_pagar_cadastro', { filtrar_por_status: 'PAGO' });
      expect(rows.some((row) => row.status_titulo === 'CANCELADO')).toBe(paidFilterIncludesCancelled);
    }
  });

  it('heavyPageBreaks: a large unfiltered page breaks the application server or not', async () => {
    const large = { nPagina: 1, nRegPorPagina: 500 };
    const fragile = await withQuirks({ heavyPageBreaks: true });
    const broken = await fragile.post('ListarMovimentos', large);
    expect([broken.status, broken.body.faultcode]).toEqual([500, 'SOAP-ENV:Server']);
    expect((await fragile.post('ListarMovimentos', { ...large, cTpLancamento: 'CP' })).status).toBe(200);
    expect((await fragile.post('ListarMovimentos', { nPagina: 1, nRegPorPagina: 200 })).status).toBe(200);
    const sturdy = await withQuirks({ heavyPageBreaks: false });
    expect((await sturdy.post('ListarMovimentos', large)).body.nRegistros).toBe(500);
  });

  it('valorPag: never, now and then, always', async () => {
    const share = async (valorPag: Quirks['valorPag']) => {
      const desk = await withQuirks({ valorPag });
      const { body } = await desk.post('ListarContasPagar', { registros_por_pagina: 90 });
      return body.conta_pagar_cadastro.filter((row: Answer) => 'valor_pag' in row).length;
    };
    expect([await share('never'), await share('always')]).toEqual([0, 90]);
    expect(await share('sometimes')).toBeGreaterThan(20);
    expect(await share('sometimes')).toBeLessThan(40);
  });

  it('pesquisarNeedsNatureza: obligatory or not', async () => {
    const strict = await withQuirks({ pesquisarNeedsNatureza: true });
    expect((await strict.post('PesquisarLancamentos', { nPagina: 1 })).body.faultcode).toBe('SOAP-ENV:Client-1000');
    expect((await strict.post('PesquisarLancamentos', { nPagina: 1, cNatureza: 'P' })).status).toBe(200);
    expect((await (await withQuirks({})).post('PesquisarLancamentos', { nPagina: 1 })).status).toBe(200);
  });

  it('bankEntrySign: outflows without sign or negative', async () => {
    for (const bankEntrySign of ['absolute', 'signed'] as const) {
      const desk = await withQuirks({ bankEntrySign });
      const { body } = await desk.post('ListarLancCC', { cOrigem: 'BAXP' });
      expect(body.listaLancamentos[0].cabecalho.nValorLanc < 0).toBe(bankEntrySign === 'signed');
    }
  });

  it('statementLagMs: a new entry shows at once, or later', async () => {
    for (const statementLagMs of [0, 30_000]) {
      const desk = await withQuirks({ statementLagMs });
      const [nCodCC] = desk.omie.store.company('empresa_001').accounts.keys();
      await desk.post('IncluirLancCC', {
        cCodIntLanc: 'L1',
        cabecalho: { nCodCC, dDtLanc: '20/11/2026', nValorLanc: 100 },
        detalhes: { cCodCateg: '1.02.01' },
      });
      const shown = async () => {
        const { body } = await desk.post('ListarExtrato', {
          nCodCC,
          dPeriodoInicial: '20/11/2026',
          dPeriodoFinal: '20/11/2026',
        });
        return body.listaMovimentos.some((row: Answer) => row.nValorDocumento === 100);
      };
      expect(await shown()).toBe(statementLagMs === 0);
      desk.omie.clock.advance(30_000);
      expect(await shown()).toBe(true);
    }
  });

  it('budgetPeriodType and companyCodeType: number or string', async () => {
    for (const type of ['number', 'string'] as const) {
      const desk = await withQuirks({ budgetPeriodType: type, companyCodeType: type });
      expect((await desk.post('ListarOrcamentos', { nAno: 2026, nMes: 11 })).body.nAno).toBeTypeOf(type);
      expect((await desk.post('ListarEmpresas', { pagina: 1 })).body.empresas_cadastro[0].codigo_empresa).toBeTypeOf(
        type,
      );
    }
  });
});
