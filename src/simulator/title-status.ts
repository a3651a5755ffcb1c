/**
 * Omie computes a title's status when it is read, from the due date and today's date in Brasília.
 * Filters and rows spell the same status differently ("AVENCER" in a filter, "A VENCER" in a row).
 */
import { settlementOf } from './balance.ts';
import { type Day, nextBusinessDay } from './dates.ts';
import type { Title, TitleKind } from './model.ts';
import type { Quirks } from './quirks.ts';

type Age = 'ATRASADO' | 'VENCEHOJE' | 'AVENCER';

interface Standing {
  cancelled: boolean;
  paid: boolean;
  partial: boolean;
  age: Age;
}

export type StatusFilter = Age | 'CANCELADO' | 'PAGO' | 'RECEBIDO' | 'LIQUIDADO' | 'EMABERTO' | 'PAGTO_PARCIAL';

const sharedFilters: readonly StatusFilter[] = [
  'CANCELADO',
  'LIQUIDADO',
  'EMABERTO',
  'PAGTO_PARCIAL',
  'VENCEHOJE',
  'AVENCER',
  'ATRASADO',
];

export function filtersOfList(kind: TitleKind): readonly StatusFilter[] {
  return [...sharedFilters, kind === 'payable' ? 'PAGO' : 'RECEBIDO'];
}

/** Movimentos and pesquisartitulos document RECEBIDO for both sides, not PAGO. */
export function filtersOfSearch(quirks: Quirks): readonly StatusFilter[] {
  const filters: readonly StatusFilter[] = [...sharedFilters, 'RECEBIDO'];
  return quirks.emAbertoInMovimentos === 'accepted' ? filters : filters.filter((filter) => filter !== 'EMABERTO');
}

export function ageOn(due: Day, today: Day, quirks: Quirks): Age {
  const effective = (quirks.weekendRule === 'nextBusinessDay' ? nextBusinessDay(due) : due) + quirks.labelLagDays;
  if (effective < today) return 'ATRASADO';
  return effective === today ? 'VENCEHOJE' : 'AVENCER';
}

export function matchesStatus(title: Title, filter: StatusFilter, today: Day, quirks: Quirks): boolean {
  const standing = standingOf(title, today, quirks);
  switch (filter) {
    case 'CANCELADO':
      return standing.cancelled;
    case 'PAGO':
    case 'RECEBIDO':
    case 'LIQUIDADO':
      return standing.paid && (!standing.cancelled || quirks.paidFilterIncludesCancelled);
    case 'EMABERTO':
      return !standing.cancelled && !standing.paid;
    case 'PAGTO_PARCIAL':
      if (!standing.partial) return false;
      return standing.age !== 'ATRASADO' || quirks.partialOverdueMatches !== 'ATRASADO';
    case 'ATRASADO':
    case 'VENCEHOJE':
    case 'AVENCER':
      if (standing.cancelled || standing.paid || standing.age !== filter) return false;
      return !standing.partial || (filter === 'ATRASADO' && quirks.partialOverdueMatches !== 'PAGTO_PARCIAL');
  }
}

/** Status as the payable and receivable lists write it. */
export function listStatus(title: Title, today: Day, quirks: Quirks): string {
  const standing = standingOf(title, today, quirks);
  if (standing.cancelled) return 'CANCELADO';
  if (standing.paid) return settledStatus(title, quirks);
  if (standing.partial && (standing.age !== 'ATRASADO' || quirks.partialOverdueShows === 'PAGTO_PARCIAL')) {
    return quirks.statusPartialSpelling;
  }
  if (standing.age === 'AVENCER') return 'A VENCER';
  return standing.age === 'VENCEHOJE' ? 'VENCE HOJE' : 'ATRASADO';
}

/** Status as movimentos and pesquisartitulos write it. */
export function searchStatus(title: Title, today: Day, quirks: Quirks): string {
  const status = listStatus(title, today, quirks);
  return quirks.hungarianStatusSpelling === 'compact' ? status.replace(' ', '') : status;
}

function settledStatus(title: Title, quirks: Quirks): string {
  if (quirks.settledSpelling === 'LIQUIDADO') return 'LIQUIDADO';
  if (quirks.settledSpelling === 'mixed' && title.id % 3 === 0) return 'LIQUIDADO';
  return title.kind === 'payable' ? 'PAGO' : 'RECEBIDO';
}

function standingOf(title: Title, today: Day, quirks: Quirks): Standing {
  const { owed, settled } = settlementOf(title);
  const paid = settled >= owed;
  return {
    cancelled: title.cancelled !== undefined,
    paid,
    partial: title.cancelled === undefined && settled > 0 && !paid,
    age: ageOn(title.due, today, quirks),
  };
}
