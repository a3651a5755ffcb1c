/** Every question, both sides, every doubt about Omie in every position: the sums are the judge's, to the centavo. */
import { describe, expect, it } from 'vitest';
import type { TitleFilter } from '../../../src/simulator/oracle.ts';
import type { Quirks } from '../../../src/simulator/quirks.ts';
import { type House, type Kind, kinds, openHouse, oracleKind, situations } from './open-services.ts';

async function expectExact(house: House, kind: Kind, args: object, filter: TitleFilter): Promise<void> {
  const judge = house.omie.store.totals(house.omie.companies[0]!.id, { kind: oracleKind(kind), ...filter });
  const page = await house.ask(kind, { ...args, registros_por_pagina: 500 });
  const items = [...page.resultado.itens];
  for (let last = page; last.proxima_pagina !== undefined; ) {
    last = await house.ask(kind, { ...args, registros_por_pagina: 500, pagina: last.proxima_pagina });
    expect(last.totais).toEqual(page.totais);
    expect(last.completo).toBe(last.proxima_pagina === undefined);
    items.push(...last.resultado.itens);
  }
  const ids = items.map((item) => item.id).sort((left, right) => left - right);
  expect(ids, JSON.stringify(args)).toEqual(judge.ids);
  expect(page, JSON.stringify(args)).toMatchObject({
    completo: judge.count <= 500,
    totais: { quantidade: judge.count, abrangencia: 'consulta' },
    resultado: { total_de_registros: judge.count },
  });
  expect(page).not.toHaveProperty('motivo_incompleto');
  expect(Math.round(page.totais.valor * 100)).toBe(judge.amount);
  expect(Math.round(page.totais.saldo_em_aberto * 100)).toBe(judge.open);
  const paid = items.reduce((sum, item) => sum + Math.round(item.valor_pago * 100), 0);
  if (house.omie.quirks.discountInsidePaid) expect(paid).toBe(judge.paid);
}

async function expectAllExact(house: House): Promise<void> {
  for (const kind of kinds) {
    await expectExact(house, kind, {}, {});
    await expectExact(house, kind, { apenas_vencidas: true }, { situation: 'overdue' });
    for (const [situacao, situation] of situations) await expectExact(house, kind, { situacao }, { situation });
  }
}

const doubts: readonly Partial<Quirks>[] = [
  {},
  { weekendRule: 'nextBusinessDay' },
  { statusPartialSpelling: 'PAGTOPARCIAL', hungarianStatusSpelling: 'spaced' },
  { partialOverdueMatches: 'ATRASADO', partialOverdueShows: 'ATRASADO' },
  { partialOverdueMatches: 'PAGTO_PARCIAL', weekendRule: 'nextBusinessDay' },
  { settledSpelling: 'LIQUIDADO', paidFilterIncludesCancelled: false },
  { settledSpelling: 'mixed', discountInsidePaid: false, unpaidNetValue: 'value' },
  { labelLagDays: 30 },
  { labelLagDays: 400, weekendRule: 'nextBusinessDay' },
  { emptyCountsAsError: false, faultHttpStatus: 200, emAbertoInMovimentos: 'rejected' },
];

describe('exact totals', () => {
  it.each(doubts)('for every situation when Omie is %j', async (quirks) => {
    const house = await openHouse({ quirks, titlesPerCompany: 1300, companies: 1, seed: 11 });
    await expectAllExact(house);
  });

  it('within Omie limits as they are, block and redundancy included', async () => {
    const house = await openHouse({
      limits: { perMethodPerMinute: false, perIpPerMinute: false },
      titlesPerCompany: 200,
    });
    await expectAllExact(house);
    // The second time within the minute nothing is asked again.
    const before = house.omie.journal.entries.length;
    await expectAllExact(house);
    expect(house.omie.journal.entries.length).toBe(before);
  });

  it('finds an overdue title that Omie still calls not due, by EMABERTO; asks no more where that is refused', async () => {
    const labelLagDays = 30;
    const overdue = { kind: 'payable', situation: 'overdue' } as const;
    const kind = await openHouse({ companies: 1, quirks: { labelLagDays } });
    const judge = kind.omie.store.totals(kind.omie.companies[0]!.id, overdue);
    const page = await kind.ask('pagar', { apenas_vencidas: true });
    expect(page.totais.quantidade).toBe(judge.count);
    expect(Math.round(page.totais.saldo_em_aberto * 100)).toBe(judge.open);

    const strict = await openHouse({ companies: 1, quirks: { labelLagDays: 3, emAbertoInMovimentos: 'rejected' } });
    await expectExact(strict, 'pagar', { apenas_vencidas: true }, { situation: 'overdue' });
    await expectExact(strict, 'pagar', { situacao: 'em_aberto' }, { situation: 'open' });
    const refused = strict.omie.journal.entries.filter((entry) => JSON.stringify(entry).includes('Client-105'));
    expect(refused.length).toBe(1);
  });

  it.each(['either', 'formatted', 'digits'] as const)(
    'for a CNPJ or CPF when the filter of Omie takes %s',
    async (taxIdFilter) => {
      const house = await openHouse({ titlesPerCompany: 900, companies: 1, quirks: { taxIdFilter } });
      const company = house.omie.store.company(house.omie.companies[0]!.id);
      const clients = [30, 31, 32].map((at) => company.clients.get([...company.titles.values()][at]!.clientId)!);
      for (const { taxId } of clients) {
        for (const contraparte of [taxId, taxId.replace(/[./-]/g, '')]) {
          for (const kind of kinds) {
            await expectExact(house, kind, { contraparte }, { counterpartyTaxId: taxId });
            const late = { contraparte, apenas_vencidas: true };
            await expectExact(house, kind, late, { counterpartyTaxId: taxId, situation: 'overdue' });
          }
        }
      }
    },
  );

  it('for periods and counterparties, with every situation', async () => {
    const house = await openHouse({ titlesPerCompany: 900, companies: 1, quirks: { weekendRule: 'nextBusinessDay' } });
    const company = house.omie.store.company(house.omie.companies[0]!.id);
    const client = company.clients.get([...company.titles.values()][30]!.clientId)!;
    const periods: readonly (readonly [object, TitleFilter])[] = [
      [
        { vencimento_de: '2026-11-01', vencimento_ate: '30/11/2026' },
        { dueFrom: '2026-11-01', dueTo: '2026-11-30' },
      ],
      [{ vencimento_ate: '2026-11-22' }, { dueTo: '2026-11-22' }],
      [{ vencimento_de: '2026-11-21' }, { dueFrom: '2026-11-21' }],
      [
        { vencimento_de: '2025-12-01', vencimento_ate: '2026-12-31' },
        { dueFrom: '2025-12-01', dueTo: '2026-12-31' },
      ],
      [{ contraparte: client.id }, { counterpartyId: client.id }],
      [
        { contraparte: client.taxId, vencimento_ate: '2026-12-31' },
        { counterpartyTaxId: client.taxId, dueTo: '2026-12-31' },
      ],
    ];
    for (const kind of kinds) {
      for (const [args, filter] of periods) {
        await expectExact(house, kind, args, filter);
        for (const [situacao, situation] of situations) {
          await expectExact(house, kind, { ...args, situacao }, { ...filter, situation });
        }
      }
    }
  });
});
