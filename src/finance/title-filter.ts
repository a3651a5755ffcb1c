/** What was asked about titles, re-checked on every row: a filter that Omie ignored must not leak someone else's rows. */

import type { PlainDate } from './dates.ts';
import { bareTaxId } from './tax-id.ts';
import type { Title } from './title.ts';

export const situations = ['em_aberto', 'atrasado', 'vence_hoje', 'a_vencer', 'pago', 'parcial', 'cancelado'] as const;
/**
 * Questions, not statuses: they overlap on purpose. `em_aberto` is everything still owed; `parcial` is everything owed of
 * which something was paid, overdue or not; `atrasado` is everything owed with due < today, half paid or not.
 */
export type Situation = (typeof situations)[number];

export type Counterparty = { readonly id: number } | { readonly taxId: string };

export interface TitleFilter {
  readonly situation?: Situation | undefined;
  /** Only overdue titles, on top of whatever `situation` says. */
  readonly overdueOnly?: boolean | undefined;
  /** Both ends included. */
  readonly dueFrom?: PlainDate | undefined;
  readonly dueTo?: PlainDate | undefined;
  readonly counterparty?: Counterparty | undefined;
}

/** `unknown`: the row lacks the very fact that was asked about. */
export type Match = 'in' | 'out' | 'unknown';

export function matchTitle(title: Title, filter: TitleFilter, today: PlainDate): Match {
  if (filter.situation !== undefined && !isInSituation(title, filter.situation, today)) return 'out';
  if (filter.overdueOnly === true && !isInSituation(title, 'atrasado', today)) return 'out';
  if (filter.dueFrom !== undefined && title.due < filter.dueFrom) return 'out';
  if (filter.dueTo !== undefined && title.due > filter.dueTo) return 'out';
  return filter.counterparty === undefined ? 'in' : matchCounterparty(title, filter.counterparty);
}

/** True when Omie alone cannot answer: the situation must be decided here, row by row. */
export function needsLocalStatus(filter: TitleFilter): boolean {
  return filter.situation !== undefined || filter.overdueOnly === true;
}

/** Overdue and paid (or not yet due) at once: no title can be, whatever the data. */
export function isContradictory({ overdueOnly, situation, dueFrom, dueTo }: TitleFilter): boolean {
  if (dueFrom !== undefined && dueTo !== undefined && dueFrom > dueTo) return true;
  if (overdueOnly !== true || situation === undefined) return false;
  return situation === 'pago' || situation === 'cancelado' || situation === 'vence_hoje' || situation === 'a_vencer';
}

export function isOpen(title: Title): boolean {
  return title.status !== 'pago' && title.status !== 'cancelado';
}

function isInSituation(title: Title, situation: Situation, today: PlainDate): boolean {
  if (situation === 'pago' || situation === 'cancelado') return title.status === situation;
  if (!isOpen(title)) return false;
  switch (situation) {
    case 'em_aberto':
      return true;
    case 'parcial':
      return title.paid > 0;
    case 'atrasado':
      return title.due < today;
    case 'vence_hoje':
      return title.due === today;
    case 'a_vencer':
      return title.due > today;
  }
}

function matchCounterparty({ counterparty }: Title, wanted: Counterparty): Match {
  if ('id' in wanted) {
    if (counterparty.id === undefined) return 'unknown';
    return counterparty.id === wanted.id ? 'in' : 'out';
  }
  if (counterparty.taxId === undefined) return 'unknown';
  return bareTaxId(counterparty.taxId) === bareTaxId(wanted.taxId) ? 'in' : 'out';
}
