/**
 * Sums of titles computed straight from the state, without any of the wire code: tests compare a client's answers with it.
 * Situations may overlap on purpose: a half-paid title past due is both "overdue" and "partial".
 */
import { settlementOf } from './balance.ts';
import type { Company } from './company.ts';
import { type Day, parseIsoDate } from './dates.ts';
import type { Centavos, Title, TitleKind } from './model.ts';
import { onlyDigits } from './tax-ids.ts';

export type Situation = 'open' | 'overdue' | 'dueToday' | 'notDue' | 'paid' | 'partial' | 'cancelled';

export interface TitleFilter {
  kind?: TitleKind;
  situation?: Situation;
  /** ISO dates, both ends included. */
  dueFrom?: string;
  dueTo?: string;
  counterpartyId?: number;
  /** CNPJ or CPF, formatted or not. */
  counterpartyTaxId?: string;
  /** Only titles with a share in this category; amounts stay those of the whole title. */
  category?: string;
}

export interface TitleTotals {
  count: number;
  /** Document value. */
  amount: Centavos;
  /** Still to be paid or received. */
  open: Centavos;
  /** Settled so far, discounts included. */
  paid: Centavos;
  /** Ids in ascending order. */
  ids: number[];
}

export function totalsOf(company: Company, today: Day, filter: TitleFilter): TitleTotals {
  const totals: TitleTotals = { count: 0, amount: 0, open: 0, paid: 0, ids: [] };
  for (const title of company.titles.values()) {
    if (!fits(company, title, today, filter)) continue;
    const settlement = settlementOf(title);
    totals.count += 1;
    totals.amount += title.amount;
    totals.open += settlement.open;
    totals.paid += settlement.settled;
    totals.ids.push(title.id);
  }
  totals.ids.sort((left, right) => left - right);
  return totals;
}

/** How many days past due, 0 when not overdue. Calendar days, whatever the weekend rule. */
export function daysOverdue(title: Title, today: Day): number {
  return settlementOf(title).open > 0 && title.due < today ? today - title.due : 0;
}

function fits(company: Company, title: Title, today: Day, filter: TitleFilter): boolean {
  if (filter.kind !== undefined && title.kind !== filter.kind) return false;
  if (filter.situation !== undefined && !isIn(title, filter.situation, today)) return false;
  if (filter.dueFrom !== undefined && title.due < (parseIsoDate(filter.dueFrom) ?? Number.NEGATIVE_INFINITY))
    return false;
  if (filter.dueTo !== undefined && title.due > (parseIsoDate(filter.dueTo) ?? Number.POSITIVE_INFINITY)) return false;
  if (filter.counterpartyId !== undefined && title.clientId !== filter.counterpartyId) return false;
  if (filter.counterpartyTaxId !== undefined) {
    const taxId = company.clients.get(title.clientId)?.taxId ?? '';
    if (onlyDigits(taxId) !== onlyDigits(filter.counterpartyTaxId)) return false;
  }
  return filter.category === undefined || title.categories.some((share) => share.code === filter.category);
}

function isIn(title: Title, situation: Situation, today: Day): boolean {
  if (situation === 'cancelled') return title.cancelled !== undefined;
  if (title.cancelled !== undefined) return false;
  const { open, settled } = settlementOf(title);
  if (situation === 'paid') return open <= 0;
  if (open <= 0) return false;
  switch (situation) {
    case 'open':
      return true;
    case 'overdue':
      return title.due < today;
    case 'dueToday':
      return title.due === today;
    case 'notDue':
      return title.due > today;
    case 'partial':
      return settled > 0;
  }
}
