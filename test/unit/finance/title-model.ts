/**
 * A second opinion for the tests: titles as plain facts, the rows and lists Omie would make of them under every doubt we
 * have about its labels, and the answers recomputed from the facts alone, in whole centavos, without any of our own rules.
 */
import fc from 'fast-check';
import { isPlainDate, type PlainDate } from '../../../src/finance/dates.ts';
import type { MovementParams } from '../../../src/finance/query-plan.ts';
import type { TitleKind, WireMovement } from '../../../src/finance/title.ts';
import type { Situation, TitleFilter } from '../../../src/finance/title-filter.ts';

export const TODAY = date('2026-11-20');

export function date(text: string): PlainDate {
  if (!isPlainDate(text)) throw new Error(`test wrote a date that is none: ${text}`);
  return text;
}

export interface Fact {
  id: number;
  kind: TitleKind;
  /** Days from today to the due date. */
  dueIn: number;
  amount: number;
  withheld: number;
  paid: number;
  cancelled: boolean;
  client: number;
  /** Days for which Omie goes on calling it "due today" (weekend rule, holidays). */
  lag: number;
  spelling: number;
  overduePartialFoundBy: 'both' | 'ATRASADO' | 'PAGTO_PARCIAL';
}

export const clients = [
  { id: 101, taxId: '12.345.678/0001-95' },
  { id: 102, taxId: '529.982.247-25' },
  { id: 103, taxId: '12.ABC.345/01DE-35' },
] as const;

export const facts: fc.Arbitrary<Fact[]> = fc
  .array(
    fc.record({
      kind: fc.constantFrom<TitleKind>('pagar', 'receber'),
      dueIn: fc.oneof(fc.integer({ min: -12, max: 12 }), fc.integer({ min: -500, max: 400 })),
      amount: fc.integer({ min: 1, max: 500_000_000 }),
      withheld: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 10 })),
      share: fc.constantFrom(0, 0, 0.3, 0.999, 1),
      cancelled: fc.constantFrom(false, false, false, true),
      client: fc.nat(2),
      lag: fc.integer({ min: 0, max: 7 }),
      spelling: fc.nat(3),
      overduePartialFoundBy: fc.constantFrom<Fact['overduePartialFoundBy']>('both', 'ATRASADO', 'PAGTO_PARCIAL'),
    }),
    { maxLength: 40 },
  )
  .map((list) =>
    list.map(({ share, withheld, ...rest }, index) => {
      const kept = Math.floor((rest.amount * withheld) / 100);
      return { ...rest, id: 1000 + index, withheld: kept, paid: Math.floor((rest.amount - kept) * share) };
    }),
  );

export const filters: fc.Arbitrary<TitleFilter> = fc.record({
  situation: fc.constantFrom<Situation | undefined>(
    undefined,
    'em_aberto',
    'atrasado',
    'vence_hoje',
    'a_vencer',
    'pago',
    'parcial',
    'cancelado',
  ),
  overdueOnly: fc.constantFrom(false, false, true),
  dueFrom: fc.option(fc.integer({ min: -450, max: 60 }).map(dayAt), { nil: undefined }),
  dueTo: fc.option(fc.integer({ min: -60, max: 300 }).map(dayAt), { nil: undefined }),
  counterparty: fc.constantFrom(
    undefined,
    undefined,
    { id: 101 },
    { taxId: '52998224725' },
    { taxId: '12ABC34501DE35' },
  ),
});

export function dayAt(offset: number): PlainDate {
  return date(new Date(Date.UTC(2026, 10, 20 + offset)).toISOString().slice(0, 10));
}

const owed = (fact: Fact): number => fact.amount - fact.withheld;
const settled = (fact: Fact): boolean => fact.paid >= owed(fact);
export const openOf = (fact: Fact): number => (fact.cancelled ? 0 : owed(fact) - fact.paid);
const isPartial = (fact: Fact): boolean => fact.paid > 0 && !settled(fact);

function age(fact: Fact): 'ATRASADO' | 'VENCEHOJE' | 'AVENCER' {
  if (fact.dueIn + fact.lag < 0) return 'ATRASADO';
  return fact.dueIn <= 0 ? 'VENCEHOJE' : 'AVENCER';
}

export function toRow(fact: Fact): WireMovement {
  const spell = (...ways: string[]): string => ways[fact.spelling % ways.length] ?? '';
  const word = fact.cancelled
    ? 'CANCELADO'
    : settled(fact)
      ? spell('PAGO', 'RECEBIDO', 'LIQUIDADO')
      : isPartial(fact)
        ? spell('PAGTO_PARCIAL', 'PAGTOPARCIAL', age(fact))
        : { ATRASADO: 'ATRASADO', VENCEHOJE: spell('VENCE HOJE', 'VENCEHOJE'), AVENCER: spell('A VENCER', 'AVENCER') }[
            age(fact)
          ];
  return {
    detalhes: {
      nCodTitulo: fact.id,
      cGrupo: fact.kind === 'pagar' ? 'CONTA_A_PAGAR' : 'CONTA_A_RECEBER',
      cStatus: word,
      dDtVenc: dayAt(fact.dueIn).split('-').reverse().join('/'),
      nValorTitulo: fact.amount / 100,
      nCodCliente: clients[fact.client]?.id,
      cCPFCNPJCliente: clients[fact.client]?.taxId,
    },
    resumo: { cLiquidado: settled(fact) ? 'S' : 'N', nValPago: fact.paid / 100, nValAberto: openOf(fact) / 100 },
  };
}

/** Does Omie bring this title for these parameters? */
export function omieFinds(fact: Fact, params: MovementParams): boolean {
  const due = dayAt(fact.dueIn);
  const iso = (text: string): string => text.split('/').reverse().join('-');
  if (params.cTpLancamento !== (fact.kind === 'pagar' ? 'CP' : 'CR')) return false;
  if (params.dDtVencDe !== undefined && due < iso(params.dDtVencDe)) return false;
  if (params.dDtVencAte !== undefined && due > iso(params.dDtVencAte)) return false;
  const client = clients[fact.client];
  if (params.nCodCliente !== undefined && client?.id !== params.nCodCliente) return false;
  if (params.cCPFCNPJCliente !== undefined && client?.taxId !== params.cCPFCNPJCliente) return false;
  if (params.cStatus === undefined) return true;
  if (fact.cancelled || settled(fact)) return false;
  // The worst that may be: Omie takes the filter and finds nothing by it.
  if (params.cStatus === 'EMABERTO') return false;
  if (!isPartial(fact)) return params.cStatus === age(fact);
  if (age(fact) !== 'ATRASADO') return params.cStatus === 'PAGTO_PARCIAL';
  return fact.overduePartialFoundBy === 'both' || fact.overduePartialFoundBy === params.cStatus;
}

/** Is it in the answer? From the contract's words. */
export function expected(fact: Fact, kind: TitleKind, filter: TitleFilter): boolean {
  if (fact.kind !== kind) return false;
  const open = !fact.cancelled && !settled(fact);
  const holds: Record<Situation, boolean> = {
    em_aberto: open,
    atrasado: open && fact.dueIn < 0,
    vence_hoje: open && fact.dueIn === 0,
    a_vencer: open && fact.dueIn > 0,
    parcial: open && fact.paid > 0,
    pago: !fact.cancelled && settled(fact),
    cancelado: fact.cancelled,
  };
  if (filter.situation !== undefined && !holds[filter.situation]) return false;
  if (filter.overdueOnly === true && !holds.atrasado) return false;
  const due = dayAt(fact.dueIn);
  if (filter.dueFrom !== undefined && due < filter.dueFrom) return false;
  if (filter.dueTo !== undefined && due > filter.dueTo) return false;
  if (filter.counterparty === undefined) return true;
  const client = clients[fact.client];
  return 'id' in filter.counterparty
    ? client?.id === filter.counterparty.id
    : client?.taxId.replace(/\W/g, '') === filter.counterparty.taxId;
}
