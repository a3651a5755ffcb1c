/** Trouble on the way: the answer is whole, or says it is not, or is an error. It is never a short sum. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as faults from '../../../src/simulator/faults.ts';
import { collidingIds } from '../../../src/simulator/seed/companies.ts';
import { type Simulator, startSimulator } from '../../../src/simulator/server.ts';
import { categoryQuery } from '../../../src/tools/categorias/category-page.ts';
import type { TitlePage } from '../../../src/tools/titulos/title-page.ts';
import { fastClock } from '../../unit/omie/open-client.ts';
import { houseOf, kinds, openHouse, oracleKind, simulatorClock } from './open-services.ts';

const silent = { signal: new AbortController().signal, progress: (): void => {} };

describe('a page budget that cuts', () => {
  it.each([{}, { situacao: 'em_aberto' }, { situacao: 'pago' }, { apenas_vencidas: true }])('%j', async (args) => {
    const house = await openHouse({ titlesPerCompany: 8000, companies: 1 }, { pageBudget: 1 });
    for (const kind of kinds) {
      const page = await house.ask(kind, args);
      expect(page.totais.abrangencia).toBe('pagina');
      expect(page.totais.quantidade).toBe(page.resultado.registros);
      expect(page.completo).toBe(false);
      expect(page.proxima_pagina ?? page.motivo_incompleto).toBeDefined();
    }
  });

  it('still leads through every title once, window by window', async () => {
    const house = await openHouse({ titlesPerCompany: 2500, companies: 1 }, { pageBudget: 2 });
    const judge = house.omie.store.totals(house.omie.companies[0]!.id, { kind: 'payable' });
    const ids: number[] = [];
    let amount = 0;
    for (let pagina: number | undefined = 1; pagina !== undefined; ) {
      const page: TitlePage = await house.ask('pagar', { pagina, registros_por_pagina: 300 });
      expect(page.totais.abrangencia).toBe('pagina');
      expect(page.resultado.total_de_registros).toBe(judge.count);
      expect(page.completo).toBe(page.proxima_pagina === undefined);
      ids.push(...page.resultado.itens.map((item) => item.id));
      amount += Math.round(page.totais.valor * 100);
      pagina = page.proxima_pagina;
    }
    expect(ids.sort((left, right) => left - right)).toEqual(judge.ids);
    expect(amount).toBe(judge.amount);
  });
});

describe('pages asked for one after the other', () => {
  const walk = async (between: (omie: Simulator) => void): Promise<{ pages: TitlePage[]; judge: number[] }> => {
    const real = fastClock(1);
    let skippedMs = 0;
    const clientClock = { ...real, now: () => real.now() + skippedMs };
    const house = await openHouse({ titlesPerCompany: 800, companies: 1 }, { pageBudget: 2, clientClock });
    const ask = (pagina: number) => house.ask('pagar', { pagina, registros_por_pagina: 100 });
    const { ids: judge } = house.omie.store.totals(house.omie.companies[0]!.id, { kind: 'payable' });
    const pages = [await ask(1)];
    expect(pages[0]).toMatchObject({ totais: { abrangencia: 'consulta' }, proxima_pagina: 2 });
    // What is remembered fades within a minute.
    skippedMs = 61_000;
    between(house.omie);
    for (let next = pages[0]?.proxima_pagina; next !== undefined; next = pages.at(-1)?.proxima_pagina) {
      pages.push(await ask(next));
    }
    return { pages, judge };
  };
  const idsOf = (pages: readonly TitlePage[]) => pages.flatMap(({ resultado }) => resultado.itens.map(({ id }) => id));

  it('join while nothing changes', async () => {
    const { pages, judge } = await walk(() => {});
    expect(idsOf(pages).sort((left, right) => left - right)).toEqual(judge);
    expect(pages.at(-1)?.completo).toBe(true);
  });

  it('that Omie gives in small pieces in between join', async () => {
    for (const times of [2, 3]) {
      const { pages, judge } = await walk((omie) => {
        omie.faults.next('ListarMovimentos', faults.brokenResponse(), { times });
      });
      expect(idsOf(pages).sort((left, right) => left - right)).toEqual(judge);
    }
  });

  it('windows of a list too long to read whole join though heavy pages broke in between', async () => {
    const real = fastClock(1);
    let skippedMs = 0;
    const clientClock = { ...real, now: () => real.now() + skippedMs };
    const house = await openHouse({ titlesPerCompany: 2500, companies: 1 }, { pageBudget: 2, clientClock });
    const ask = (pagina: number) => house.ask('pagar', { pagina, registros_por_pagina: 100 });
    const pages = [await ask(1)];
    skippedMs = 61_000;
    house.omie.faults.next('ListarMovimentos', faults.brokenResponse());
    pages.push(await ask(2));
    expect(pages.map(({ totais }) => totais.abrangencia)).toEqual(['pagina', 'pagina']);
    expect(pages.map(({ motivo_incompleto: reason }) => reason)).toEqual([undefined, undefined]);
    expect(new Set(idsOf(pages)).size).toBe(200);
    const asked = house.omie.journal.entries.map((entry) => Object(entry.param)['nRegPorPagina']);
    expect(asked.filter((size) => size >= 250)).toEqual([500, 500, 250]);
  });

  it('that Omie gives in pieces too small for the budget are said not to be whole', async () => {
    const { pages } = await walk((omie) => {
      omie.faults.next('ListarMovimentos', faults.brokenResponse(), { times: 4 });
    });
    expect(pages[1]?.totais.abrangencia).toBe('pagina');
    expect(pages[1]?.motivo_incompleto).toMatch(/limite de 2 páginas/);
    expect(pages.at(-1)?.completo).toBe(false);
  });

  it('from a list that changed in between are said not to join, to the last one', async () => {
    const { pages } = await walk((omie) => {
      // The first by due date goes: every later one moves up by one place.
      const company = omie.store.company(omie.companies[0]!.id);
      const [first] = [...company.titles.values()]
        .filter(({ kind }) => kind === 'payable')
        .sort((left, right) => Number(left.due > right.due) - Number(left.due < right.due));
      company.removeTitle(first!, { day: first!.due, time: '15:00:00', user: 'ANA' });
    });
    expect(pages).toHaveLength(4);
    for (const page of pages.slice(1)) {
      expect(page.totais.abrangencia).toBe('consulta');
      expect(page.completo).toBe(false);
      expect(page.motivo_incompleto).toMatch(/Recomece em pagina=1/);
    }
  });
});

const troubles: readonly (readonly [string, () => faults.Fault])[] = [
  ['brokenResponse', () => faults.brokenResponse()],
  ['truncatedJson', () => faults.truncatedJson()],
  ['emptyPage', () => faults.emptyPage()],
  ['repeatPage', () => faults.repeatPage()],
  ['shrinkingPage', () => faults.shrinkingPage()],
  ['driftingTotals', () => faults.driftingTotals()],
  ['pageCount 1', () => faults.pageCount(1)],
  ['pageCount 0', () => faults.pageCount(0)],
  ['pageCount 1e9', () => faults.pageCount(1e9)],
  ['oddNumber', () => faults.oddNumber()],
  ['oddNumber null', () => faults.oddNumber('null')],
  ['htmlError', () => faults.htmlError()],
  ['lock', () => faults.lock()],
  ['resetMidBody', () => faults.resetMidBody()],
  ['emptyBody', () => faults.emptyBody()],
  ['duplicateKeys', () => faults.duplicateKeys()],
];

describe('a fault in the middle of a walk', () => {
  let omie: Simulator;
  beforeAll(async () => {
    // Bigger than one Omie page of 500, so that there is a middle.
    omie = await startSimulator({ limits: false, clock: simulatorClock(), titlesPerCompany: 2200, companies: 1 });
  });
  afterAll(() => omie.close());

  it.each(troubles)(
    '%s',
    async (_name, fault) => {
      for (const args of [{}, { situacao: 'em_aberto' }, { apenas_vencidas: true }]) {
        for (const nth of [0, 1, 2]) {
          const house = houseOf(omie, { hurry: 25 });
          omie.faults.clear();
          // The nth call of the walk meets the trouble: those before it meet one that changes nothing.
          if (nth > 0)
            omie.faults.next('ListarMovimentos', faults.wrongContentType('application/json'), { times: nth });
          omie.faults.next('ListarMovimentos', fault());
          const situation = 'situacao' in args ? 'open' : 'apenas_vencidas' in args ? 'overdue' : undefined;
          const judge = omie.store.totals(omie.companies[0]!.id, {
            kind: 'payable',
            ...(situation && { situation }),
          });
          const page = await house.ask('pagar', args).catch((error: { code?: string }) => {
            expect(error.code).toMatch(/^omie_/);
            return undefined;
          });
          if (page === undefined) continue;
          if (page.totais.abrangencia === 'consulta') {
            expect(Math.round(page.totais.valor * 100)).toBe(judge.amount);
            expect(Math.round(page.totais.saldo_em_aberto * 100)).toBe(judge.open);
            expect(page.totais.quantidade).toBe(judge.count);
          } else {
            expect(page.completo).toBe(false);
            expect(page.motivo_incompleto).toBeDefined();
          }
        }
      }
    },
    60_000,
  );

  it('of the names leaves the numbers whole', async () => {
    const house = await openHouse({ companies: 1 });
    house.omie.faults.always('ListarClientesResumido', faults.authFault());
    house.omie.faults.always('ListarCategorias', faults.authFault());
    const page = await house.ask('receber', { situacao: 'em_aberto' });
    const judge = house.omie.store.totals(house.omie.companies[0]!.id, { kind: 'receivable', situation: 'open' });
    expect(Math.round(page.totais.saldo_em_aberto * 100)).toBe(judge.open);
    expect(page.resultado.itens.every((item) => item.contraparte.nome === null)).toBe(true);
    expect(page.avisos?.length).toBe(2);
  });
});

describe('titles that are open by their label and owe nothing by their balance', () => {
  it.each([
    [{ situacao: 'atrasado' }, 'overdue'],
    [{ situacao: 'em_aberto' }, 'open'],
    [{}, undefined],
  ] as const)('%j: left out, counted in words, and no sum claims to be whole', async (args, situation) => {
    const house = await openHouse({ companies: 1, quirks: { unpaidOpenValue: 'zero' } });
    const { id } = house.omie.companies[0]!;
    for (const kind of kinds) {
      const judge = house.omie.store.totals(id, { kind: oracleKind(kind), ...(situation && { situation }) });
      const untouched = judge.ids.filter((one) => {
        const title = house.omie.store.company(id).titles.get(one)!;
        return title.payments.length === 0 && title.cancelled === undefined;
      });
      expect(untouched.length).toBeGreaterThan(0);
      const page = await house.ask(kind, { ...args, registros_por_pagina: 500 });
      expect(page.completo).toBe(false);
      expect(page.totais.abrangencia).toBe('pagina');
      expect(page.motivo_incompleto).toMatch(/^(\d+) registro\(s\) do Omie ficaram fora .*: nValAberto/);
      // Not less than those that were asked for: whether a row left out was among them nobody can tell.
      expect(Number.parseInt(page.motivo_incompleto ?? '', 10)).toBeGreaterThanOrEqual(untouched.length);
      expect(page.resultado.itens.filter((item) => untouched.includes(item.id))).toEqual([]);
      expect(page.resultado.itens.length).toBe(judge.count - untouched.length);
    }
  });
});

describe('companies side by side', () => {
  it('never mix, though their ids collide', async () => {
    const house = await openHouse({ companies: 3 });
    const pages = await Promise.all(
      [0, 1, 2, 0, 1, 2].map((index) => house.ask('pagar', { registros_por_pagina: 500 }, index)),
    );
    const names = new Set<string | null>();
    for (const [index, page] of pages.entries()) {
      const profile = house.omie.companies[index % 3]!;
      const state = house.omie.store.company(profile.id);
      const judge = house.omie.store.totals(profile.id, { kind: oracleKind('pagar') });
      expect(page.empresa.id).toBe(profile.id);
      expect(Math.round(page.totais.valor * 100)).toBe(judge.amount);
      for (const item of page.resultado.itens) {
        const title = state.titles.get(item.id)!;
        expect(item.contraparte).toMatchObject({
          id: title.clientId,
          cnpj_cpf: state.clients.get(title.clientId)!.taxId,
        });
        expect(Math.round(item.valor * 100)).toBe(title.amount);
      }
      const colliding = page.resultado.itens.find((item) => item.id === collidingIds.title);
      names.add(colliding?.contraparte.nome ?? null);
      expect(colliding?.contraparte.nome).toBe(state.clients.get(collidingIds.client)!.legalName);
    }
    expect(names.size).toBeGreaterThan(1);
  });

  it('show text from Omie as one clean line, injected or not', async () => {
    const house = await openHouse({ companies: 1 });
    const page = await house.ask('pagar', { registros_por_pagina: 500 });
    for (const { contraparte, categoria } of page.resultado.itens) {
      expect(contraparte.nome).toMatch(/^[^\p{Cc}\p{Cf}]{1,200}$/u);
      expect(categoria.descricao).toMatch(/^[^\p{Cc}\p{Cf}]{1,200}$/u);
    }
  });
});

describe('categories', () => {
  it('come whole, inactive and group rows included', async () => {
    const house = await openHouse({ companies: 1 });
    const state = house.omie.store.company(house.omie.companies[0]!.id);
    const page = await house.services().categories.page(categoryQuery.parse({ registros_por_pagina: 500 }), silent);
    expect(page.completo).toBe(true);
    expect(new Set(page.resultado.itens.map((item) => item.codigo))).toEqual(new Set(state.categories.keys()));
    for (const item of page.resultado.itens) {
      const category = state.categories.get(item.codigo)!;
      const expected = category.transfer
        ? 'transferencia'
        : { revenue: 'receita', expense: 'despesa', other: 'outra' }[category.side];
      expect(item).toMatchObject({ tipo: expected, ativa: category.active, totalizadora: category.group });
    }
    const active = await house
      .services()
      .categories.page(categoryQuery.parse({ tipo: 'despesa', apenas_ativas: true }), silent);
    const wanted = [...state.categories.values()].filter((one) => one.side === 'expense' && one.active);
    expect(active.resultado.total_de_registros).toBe(wanted.length);
  });
});
