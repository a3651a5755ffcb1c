import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { OmieFaultError, OmieUnavailableError } from '../../../src/errors.ts';
import { createCompanyServices } from '../../../src/tools/company-services.ts';
import { consultarContasPagar } from '../../../src/tools/titulos/consultar-contas-pagar.ts';
import type { TitlePage } from '../../../src/tools/titulos/title-page.ts';
import { titleQuery } from '../../../src/tools/titulos/title-query.ts';
import { clock, company, type Script, ScriptedOmie, silent } from './scripted-omie.ts';

type Fields = { detalhes?: object; resumo?: object };
const row = (nCodTitulo: number, { detalhes, resumo }: Fields = {}): object => ({
  detalhes: {
    nCodTitulo,
    cGrupo: 'CONTA_A_PAGAR',
    cStatus: 'ATRASADO',
    dDtVenc: '10/11/2026',
    nValorTitulo: 10.1,
    nCodCliente: 5,
    cCPFCNPJCliente: '12345678000195',
    cCodCateg: '2.01',
    ...detalhes,
  },
  resumo: { cLiquidado: 'N', nValPago: 0, nValAberto: 10.1, ...resumo },
});
const rows = (count: number): object[] => Array.from({ length: count }, (_, index) => row(index + 1));

/** Titles from the script; names and categories are there unless told otherwise. */
const answering =
  (titles: Script, others: Script = () => []): Script =>
  (asked) =>
    asked.call === 'ListarMovimentos' ? titles(asked) : others(asked);

const validate = new Ajv2020({ strict: false }).compile(consultarContasPagar.descriptor.outputSchema ?? {});

async function ask(omie: ScriptedOmie, args: object = {}, pageBudget?: number): Promise<TitlePage> {
  const services = createCompanyServices({ omie, clock, ...(pageBudget !== undefined && { pageBudget }) });
  const page = await services(company()).payables.page(titleQuery.parse(args), silent);
  expect(validate(JSON.parse(JSON.stringify(page))), JSON.stringify(validate.errors)).toBe(true);
  return page;
}

describe('a page of titles', () => {
  it('is rendered whole', async () => {
    const others: Script = ({ call }) =>
      call === 'ListarCategorias'
        ? [{ codigo: '2.01', descricao: 'Compras' }]
        : [{ codigo_cliente: 5, razao_social: 'PAPELARIA \u202eEXEMPLO', nome_fantasia: 'Papelaria' }];
    const omie = new ScriptedOmie(answering(() => [row(7)], others));
    expect(await ask(omie)).toEqual({
      empresa: { id: 'empresa_001', nome: 'Nome empresa_001', ambiente: 'sandbox' },
      filtros: {
        apenas_vencidas: false,
        situacao: null,
        vencimento_de: null,
        vencimento_ate: null,
        contraparte: null,
        formato: 'resumido',
      },
      resultado: {
        pagina: 1,
        total_de_paginas: 1,
        registros: 1,
        total_de_registros: 1,
        itens: [
          {
            id: 7,
            documento: null,
            parcela: null,
            contraparte: { id: 5, nome: 'PAPELARIA EXEMPLO', cnpj_cpf: '12.345.678/0001-95' },
            valor: 10.1,
            valor_pago: 0,
            saldo_em_aberto: 10.1,
            vencimento: '2026-11-10',
            emissao: null,
            situacao: 'atrasado',
            dias_atraso: 10,
            categoria: { codigo: '2.01', descricao: 'Compras' },
          },
        ],
      },
      totais: { valor: 10.1, saldo_em_aberto: 10.1, quantidade: 1, abrangencia: 'consulta' },
      moeda: 'BRL',
      posicao_em: '2026-11-20T14:59:00-03:00',
      completo: true,
    });
  });

  it('adds details when asked', async () => {
    const page = await ask(new ScriptedOmie(answering(() => [row(7, { resumo: { nMulta: 1.5 } })])), {
      formato: 'detalhado',
    });
    expect(page.resultado.itens[0]).toMatchObject({
      status_omie: 'ATRASADO',
      multa: 1.5,
      juros: null,
      pagamento: null,
    });
  });

  it('sums what rounding made of more decimals and says so; of a title below zero it says that it is left out', async () => {
    const titles = [
      row(7, { detalhes: { nValorTitulo: 10.005 }, resumo: { nValAberto: 10.005 } }),
      row(8, { detalhes: { nValorTitulo: -10.005 }, resumo: { nValAberto: -10.005 } }),
      row(9),
    ];
    expect(await ask(new ScriptedOmie(answering(() => titles)))).toMatchObject({
      totais: { valor: 20.11, saldo_em_aberto: 20.11, quantidade: 2, abrangencia: 'pagina' },
      completo: false,
      motivo_incompleto: expect.stringContaining('nValorTitulo (ids: 8)'),
      avisos: expect.arrayContaining([expect.stringMatching(/^1 título.*mais de duas casas decimais.*\(ids: 7\)/)]),
    });
  });

  it('sums everything whatever page is shown, and is complete only on the last', async () => {
    const omie = new ScriptedOmie(
      answering(() => rows(120)),
      50,
    );
    const first = await ask(omie);
    expect(first).toMatchObject({
      completo: false,
      proxima_pagina: 2,
      totais: { valor: 1212, quantidade: 120, abrangencia: 'consulta' },
    });
    const last = await ask(omie, { pagina: 3 });
    expect(last).toMatchObject({
      completo: true,
      resultado: { registros: 20, total_de_paginas: 3, total_de_registros: 120 },
    });
    expect(last).not.toHaveProperty('proxima_pagina');
    const past = await ask(omie, { pagina: 9 });
    expect(past).toMatchObject({ completo: true, resultado: { registros: 0, itens: [] }, totais: { quantidade: 120 } });
  });

  it('shows a list beyond the budget through a window, and never calls its sums those of the query', async () => {
    const omie = new ScriptedOmie(
      answering(() => rows(1000)),
      100,
    );
    const page = await ask(omie, { pagina: 5, registros_por_pagina: 30 }, 3);
    expect(page.resultado.itens.map((item) => item.id)).toEqual(Array.from({ length: 30 }, (_, index) => 121 + index));
    expect(page).toMatchObject({
      completo: false,
      proxima_pagina: 6,
      resultado: { total_de_registros: 1000, total_de_paginas: 34 },
      totais: { valor: 303, quantidade: 30, abrangencia: 'pagina' },
    });
    expect(omie.asked.flatMap((asked) => asked.page ?? [])).toEqual([{ number: 2, size: 100 }]);
    expect((await ask(omie, { pagina: 7, registros_por_pagina: 150 }, 3)).resultado.itens.at(-1)?.id).toBe(1000);
  });

  it('asks Omie for no page past the end of a long list', async () => {
    const omie = new ScriptedOmie(
      answering(() => rows(1000)),
      100,
    );
    const page = await ask(omie, { pagina: 21, registros_por_pagina: 50 }, 3);
    expect(page).toMatchObject({ completo: true, resultado: { itens: [] }, totais: { abrangencia: 'pagina' } });
    expect(omie.asked).toHaveLength(1);
  });

  it('says so when one title of a long list went and another came between two pages', async () => {
    let list = rows(1000);
    const omie = new ScriptedOmie(
      answering(() => list),
      100,
    );
    const services = createCompanyServices({ omie, clock, pageBudget: 3 });
    const turn = (pagina: number) => services(company()).payables.page(titleQuery.parse({ pagina }), silent);
    expect(await turn(1)).not.toHaveProperty('motivo_incompleto');
    expect(await turn(2)).not.toHaveProperty('motivo_incompleto');
    // As many as before, and every later page begins one title further on.
    list = [...rows(1001).slice(0, 2), ...rows(1001).slice(3)];
    expect((await turn(3)).motivo_incompleto).toMatch(/Recomece em pagina=1/);
  });

  it('says so when a window changes while it is looked through', async () => {
    const omie = new ScriptedOmie(
      answering((asked) => rows(asked.page === undefined ? 1000 : 1001)),
      100,
    );
    expect(await ask(omie, { pagina: 2, registros_por_pagina: 100 }, 3)).toMatchObject({
      completo: false,
      motivo_incompleto: expect.stringContaining('mudou'),
    });
  });

  it('does not give out a count with rows of others in it, on a page of a long list that has none of them', async () => {
    const list = rows(1000);
    list[3] = row(4, { detalhes: { cGrupo: 'CONTA_CORRENTE_PAG' } });
    const page = await ask(
      new ScriptedOmie(
        answering(() => list),
        100,
      ),
      { pagina: 5, registros_por_pagina: 30 },
      3,
    );
    expect(page).toMatchObject({ resultado: { registros: 30 }, completo: false });
    expect(page.motivo_incompleto).toMatch(/a contagem total não é exata/);
  });

  it('cuts a filtered list beyond the budget, says why, and sums only what it shows', async () => {
    const omie = new ScriptedOmie(
      answering(() => rows(1000)),
      100,
    );
    const page = await ask(omie, { situacao: 'em_aberto', registros_por_pagina: 40 }, 3);
    expect(page).toMatchObject({
      completo: false,
      motivo_incompleto: expect.stringMatching(/limite de 3 páginas.*vencimento_de/),
      totais: { quantidade: 40, abrangencia: 'pagina' },
      proxima_pagina: 2,
    });
    // One budget for the whole question, not one for each query.
    expect(omie.asked.filter((asked) => asked.call === 'ListarMovimentos')).toHaveLength(1);
  });

  it('leaves out what cannot be read, and says which', async () => {
    const page = await ask(new ScriptedOmie(answering(() => [row(1), row(2, { detalhes: { dDtVenc: '' } })])));
    expect(page).toMatchObject({ completo: false, totais: { quantidade: 1, abrangencia: 'pagina' } });
    expect(page.motivo_incompleto).toMatch(/dDtVenc \(ids: 2\)/);
  });

  it('does not leak rows of another counterparty, side or group when Omie ignores a filter', async () => {
    const strangers = [
      row(1),
      row(2, { detalhes: { nCodCliente: 6 } }),
      row(3, { detalhes: { cGrupo: 'CONTA_A_RECEBER' } }),
      row(1, { detalhes: { cGrupo: 'CONTA_CORRENTE_PAG' } }),
      row(4, { detalhes: { dDtVenc: '10/11/2025' } }),
    ];
    const page = await ask(new ScriptedOmie(answering(() => strangers)), {
      contraparte: 5,
      vencimento_de: '2026-11-01',
    });
    expect(page.resultado.itens.map((item) => item.id)).toEqual([1]);
    expect(page.totais).toMatchObject({ quantidade: 1, valor: 10.1 });
  });

  it('takes the newest word about a title that two readings show', async () => {
    const paid = row(1, { detalhes: { cStatus: 'PAGO' }, resumo: { cLiquidado: 'S', nValPago: 10.1, nValAberto: 0 } });
    const reading = (rows: object[], fetchedAt: string) => ({ rows, fetchedAt: new Date(fetchedAt) });
    const omie = new ScriptedOmie(
      answering(({ params }) =>
        params['cStatus'] === 'ATRASADO'
          ? reading([paid, row(2)], '2026-11-20T17:59:30Z')
          : reading([row(1), row(2)], '2026-11-20T17:59:00Z'),
      ),
    );
    const page = await ask(omie, { apenas_vencidas: true });
    expect(page.resultado.itens.map((item) => item.id)).toEqual([2]);
    expect(page.posicao_em).toBe('2026-11-20T14:59:00-03:00');
  });

  it('does without a status that Omie refuses', async () => {
    const omie = new ScriptedOmie(
      answering(({ params }) => {
        if (params['cStatus'] !== undefined) throw new OmieFaultError('valor inválido');
        return [row(1)];
      }),
    );
    expect(await ask(omie, { apenas_vencidas: true })).toMatchObject({ completo: true, totais: { quantidade: 1 } });
    expect(omie.asked.find((asked) => asked.params['cStatus'] === undefined)?.params).toEqual({
      cTpLancamento: 'CP',
      cNatureza: 'P',
    });
  });

  it('fails as a whole when a query of the plan fails', async () => {
    const omie = new ScriptedOmie(
      answering(({ params }) => {
        if (params['cStatus'] === 'PAGTO_PARCIAL') throw new OmieUnavailableError('fora do ar');
        return [row(1)];
      }),
    );
    await expect(ask(omie, { apenas_vencidas: true })).rejects.toMatchObject({ code: 'omie_indisponivel' });
  });

  it.each([
    { firstMs: 20_300, names: [null, null], warned: 2 },
    { firstMs: 5_000, names: ['PAPELARIA', 'Compras'], warned: 0 },
  ])('is one question with one deadline, names included: %o', async ({ firstMs, names, warned }) => {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const begun = performance.now();
    /** Numbers take `firstMs`, names twenty seconds; each at the most as long as it may. */
    class SlowOmie extends ScriptedOmie {
      override async readList<Row>(...read: Parameters<typeof ScriptedOmie.prototype.readList<Row>>) {
        const [, { name }, , { timeoutMs = 30_000 } = {}] = read;
        // Read a second time it is answered from memory.
        if (name === 'ListarMovimentos') vi.advanceTimersByTime(this.asked.length === 0 ? firstMs : 0);
        else if (timeoutMs < 20_000) {
          // Both look-ups are under way at once: the later one gets no more than is left of the same time.
          vi.advanceTimersByTime(timeoutMs);
          throw new OmieUnavailableError('Sem resposta em tempo.');
        }
        return super.readList(...read);
      }
    }
    const others: Script = ({ call }) =>
      call === 'ListarCategorias'
        ? [{ codigo: '2.01', descricao: 'Compras' }]
        : [{ codigo_cliente: 5, razao_social: 'PAPELARIA' }];
    const page = await ask(new SlowOmie(answering(() => [row(7)], others)));
    expect(performance.now() - begun).toBeLessThanOrEqual(30_000);
    expect(page.totais).toMatchObject({ saldo_em_aberto: 10.1, abrangencia: 'consulta' });
    expect(page.completo).toBe(true);
    const [item] = page.resultado.itens;
    expect([item?.contraparte?.nome, item?.categoria?.descricao]).toEqual(names);
    expect(page.avisos ?? []).toHaveLength(warned);
  });

  it('keeps its numbers when names cannot be had', async () => {
    const others: Script = () => {
      throw new OmieUnavailableError('O Omie não respondeu.');
    };
    const page = await ask(new ScriptedOmie(answering(() => [row(1)], others)));
    expect(page).toMatchObject({ completo: true, totais: { valor: 10.1, abrangencia: 'consulta' } });
    expect(page.resultado.itens[0]?.contraparte.nome).toBeNull();
    expect(page.avisos).toHaveLength(2);
  });

  it('says which texts are missing when Omie gave only part of them, and nothing when it gave all', async () => {
    const script = (complete: boolean): Script =>
      answering(
        () => [row(1)],
        () => ({ rows: [], complete }),
      );
    const short = await ask(new ScriptedOmie(script(false)));
    expect(short.completo).toBe(true);
    expect(short.avisos).toEqual([
      expect.stringContaining('faltam nomes nesta página'),
      expect.stringContaining('faltam descrições nesta página'),
    ]);
    expect(await ask(new ScriptedOmie(script(true)))).not.toHaveProperty('avisos');
  });

  it('asks nothing for a question without possible answers, and says so', async () => {
    const omie = new ScriptedOmie(() => []);
    const page = await ask(omie, { apenas_vencidas: true, situacao: 'pago' });
    expect(page).toMatchObject({ completo: true, resultado: { total_de_registros: 0, total_de_paginas: 0 } });
    expect(page.avisos?.[0]).toContain('não combina');
    expect(omie.asked).toEqual([]);
  });
});

describe('names', () => {
  const named: Script = ({ call, company: id }) =>
    call === 'ListarClientesResumido' ? [{ codigo_cliente: 5, razao_social: `Fornecedor de ${id}` }] : [];
  const nameIn = (page: TitlePage): unknown => page.resultado.itens[0]?.contraparte.nome;

  it('are remembered per company: the same id means someone else elsewhere, or under other keys', async () => {
    const omie = new ScriptedOmie(answering(() => [row(1)], named));
    const services = createCompanyServices({ omie, clock });
    const query = titleQuery.parse({});
    const lookUps = (): number => omie.asked.filter((asked) => asked.call === 'ListarClientesResumido').length;
    expect(nameIn(await services(company('a')).payables.page(query, silent))).toBe('Fornecedor de a');
    expect(nameIn(await services(company('b')).payables.page(query, silent))).toBe('Fornecedor de b');
    expect(nameIn(await services(company('a')).payables.page(query, silent))).toBe('Fornecedor de a');
    expect(lookUps()).toBe(2);
    await services(company('a', 'another key')).payables.page(query, silent);
    expect(lookUps()).toBe(3);
  });

  it('and categories are remembered for an hour, and then asked for again', async () => {
    let now = performance.now();
    const spy = vi.spyOn(performance, 'now').mockImplementation(() => now);
    onTestFinished(() => spy.mockRestore());
    const others: Script = ({ call }) =>
      call === 'ListarCategorias'
        ? [{ codigo: '2.01', descricao: 'Compras' }]
        : [{ codigo_cliente: 5, razao_social: 'X' }];
    const omie = new ScriptedOmie(answering(() => [row(1)], others));
    const services = createCompanyServices({ omie, clock });
    const lookUps = async (): Promise<string[]> => {
      omie.asked.length = 0;
      // lru-cache reads the clock once a millisecond.
      await new Promise((resolve) => setTimeout(resolve, 5));
      await services(company()).payables.page(titleQuery.parse({}), silent);
      return omie.asked.map(({ call }) => call).filter((call) => call !== 'ListarMovimentos');
    };
    const both = ['ListarClientesResumido', 'ListarCategorias'];
    expect((await lookUps()).sort()).toEqual(both.sort());
    now += 59 * 60_000;
    expect(await lookUps()).toEqual([]);
    now += 2 * 60_000;
    expect((await lookUps()).sort()).toEqual(both);
  });

  it('are asked for only where shown, a hundred at a time', async () => {
    const many = Array.from({ length: 300 }, (_, index) =>
      row(index, { detalhes: { nCodTitulo: index + 1, nCodCliente: index + 1 } }),
    );
    const omie = new ScriptedOmie(answering(() => many, named));
    await ask(omie, { registros_por_pagina: 150 });
    const batches = omie.asked
      .filter((asked) => asked.call === 'ListarClientesResumido')
      .map((asked) => asked.params['clientesPorCodigo']);
    expect(batches.map((batch) => (Array.isArray(batch) ? batch.length : 0))).toEqual([100, 50]);
  });
});
