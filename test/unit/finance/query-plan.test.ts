import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planQueries } from '../../../src/finance/query-plan.ts';
import { type TitleKind, toTitle } from '../../../src/finance/title.ts';
import { matchTitle, type TitleFilter } from '../../../src/finance/title-filter.ts';
import { dayAt, expected, facts, filters, omieFinds, TODAY, toRow } from './title-model.ts';

const plan = (filter: TitleFilter) =>
  planQueries(filter, 'pagar', TODAY).queries.map(({ cTpLancamento, cNatureza, ...rest }) => rest);

describe('planQueries', () => {
  it('asks by label and by date for what is overdue, since labels lag at weekends', () => {
    const overdue = [
      { cStatus: 'ATRASADO', dDtVencAte: '19/11/2026' },
      { cStatus: 'PAGTO_PARCIAL', dDtVencAte: '19/11/2026' },
      { cStatus: 'EMABERTO', dDtVencAte: '19/11/2026' },
      { dDtVencDe: '13/11/2026', dDtVencAte: '19/11/2026' },
    ];
    expect(plan({ situation: 'atrasado' })).toEqual(overdue);
    expect(plan({ overdueOnly: true })).toEqual(overdue);
    expect(plan({ situation: 'parcial' })).toEqual([...overdue.slice(0, 3), { dDtVencDe: '13/11/2026' }]);
    expect(plan({ situation: 'em_aberto' })).toEqual(plan({ situation: 'parcial' }));
  });

  it('asks once wherever one query will do', () => {
    expect(plan({})).toEqual([{}]);
    expect(plan({ situation: 'pago', dueFrom: dayAt(-10) })).toEqual([{ dDtVencDe: '10/11/2026' }]);
    expect(plan({ situation: 'vence_hoje' })).toEqual([{ dDtVencDe: '20/11/2026', dDtVencAte: '20/11/2026' }]);
    expect(plan({ situation: 'a_vencer', dueTo: dayAt(7) })).toEqual([
      { dDtVencDe: '21/11/2026', dDtVencAte: '27/11/2026' },
    ]);
    expect(plan({ overdueOnly: true, dueFrom: dayAt(-30) })).toEqual([
      { dDtVencDe: '21/10/2026', dDtVencAte: '19/11/2026' },
    ]);
    expect(plan({ situation: 'em_aberto', dueFrom: dayAt(-5), dueTo: dayAt(5) })).toEqual([
      { dDtVencDe: '15/11/2026', dDtVencAte: '25/11/2026' },
    ]);
    expect(plan({ situation: 'em_aberto', dueFrom: dayAt(1) })).toEqual([{ dDtVencDe: '21/11/2026' }]);
  });

  it('asks nothing that cannot have an answer', () => {
    expect(plan({ overdueOnly: true, dueFrom: TODAY })).toEqual([]);
    expect(plan({ situation: 'vence_hoje', dueTo: dayAt(-1) })).toEqual([]);
    expect(plan({ overdueOnly: true, situation: 'pago' })).toEqual([]);
  });

  it('names the side and the counterparty in every query', () => {
    const { queries, withoutStatus } = planQueries({ overdueOnly: true, counterparty: { id: 101 } }, 'receber', TODAY);
    for (const query of [...queries, withoutStatus]) {
      expect(query).toMatchObject({ cTpLancamento: 'CR', cNatureza: 'R', nCodCliente: 101 });
    }
  });

  it('asks for a tax id by date alone, formatted as in the rows, and has the bare spelling ready', () => {
    const counterparty = { taxId: '12ABC34501DE35' };
    for (const filter of [
      { counterparty },
      { counterparty, overdueOnly: true },
      { counterparty, situation: 'em_aberto' },
    ] as const) {
      const { queries, otherSpelling, withoutStatus } = planQueries(filter, 'pagar', TODAY);
      expect(queries).toHaveLength(1);
      expect(queries[0]).toMatchObject({ cCPFCNPJCliente: '12.ABC.345/01DE-35' });
      expect(otherSpelling).toEqual({ ...queries[0], cCPFCNPJCliente: '12ABC34501DE35' });
      expect(withoutStatus).toBeUndefined();
    }
    expect(planQueries({ counterparty: { id: 5 } }, 'pagar', TODAY).otherSpelling).toBeUndefined();
  });

  it('covers every title that was asked for, under every label Omie may give it', () => {
    fc.assert(
      fc.property(facts, filters, fc.constantFrom<TitleKind>('pagar', 'receber'), (list, filter, kind) => {
        const { queries, withoutStatus } = planQueries(filter, kind, TODAY);
        const answers = [queries, ...(withoutStatus === undefined ? [] : [[withoutStatus]])];
        const wanted = list.filter((fact) => expected(fact, kind, filter)).map((fact) => fact.id);
        for (const asked of answers) {
          const found = list
            .filter((fact) => asked.some((params) => omieFinds(fact, params)))
            .filter((fact) => {
              const read = toTitle(toRow(fact), kind, TODAY);
              return read.is === 'title' && matchTitle(read.title, filter, TODAY) === 'in';
            });
          expect(found.map((fact) => fact.id)).toEqual(wanted);
        }
      }),
      { numRuns: 1500 },
    );
  });

  it('never asks more than four times', () => {
    fc.assert(fc.property(filters, (filter) => planQueries(filter, 'pagar', TODAY).queries.length <= 4));
  });
});

describe('matchTitle', () => {
  it('cannot tell without the fact asked about', () => {
    const read = toTitle(toRow({ ...bare }), 'pagar', TODAY);
    if (read.is !== 'title') throw new Error('a whole row is a title');
    const title = { ...read.title, counterparty: { id: undefined, taxId: undefined } };
    expect(matchTitle(title, { counterparty: { id: 101 } }, TODAY)).toBe('unknown');
    expect(matchTitle(title, { counterparty: { taxId: '12345678000195' } }, TODAY)).toBe('unknown');
    expect(matchTitle(title, { situation: 'pago', counterparty: { id: 101 } }, TODAY)).toBe('out');
  });
});

const bare = {
  id: 1,
  kind: 'pagar',
  dueIn: 1,
  amount: 100,
  withheld: 0,
  paid: 0,
  cancelled: false,
  client: 0,
  lag: 0,
  spelling: 0,
  overduePartialFoundBy: 'both',
} as const;
