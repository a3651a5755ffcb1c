/** Sums, order and pages of titles. */
import { type Centavos, sumCentavos } from './money.ts';
import type { Title } from './title.ts';

export interface TitleTotals {
  readonly value: Centavos;
  readonly open: Centavos;
  readonly count: number;
}

export function totalOf(titles: readonly Title[]): TitleTotals {
  return {
    value: sumCentavos(titles.map((title) => title.value)),
    open: sumCentavos(titles.map((title) => title.open)),
    count: titles.length,
  };
}

/** Due date first, then id: the same list gives the same pages. */
export function byDueDate(left: Title, right: Title): number {
  if (left.due !== right.due) return left.due < right.due ? -1 : 1;
  return left.id - right.id;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly number: number;
  readonly totalPages: number;
  readonly hasNext: boolean;
}

/** Pages start at 1; a page past the end is empty. */
export function paginate<T>(list: readonly T[], number: number, size: number): Page<T> {
  const totalPages = Math.ceil(list.length / size);
  const start = (number - 1) * size;
  return { items: list.slice(start, start + size), number, totalPages, hasNext: number < totalPages };
}
