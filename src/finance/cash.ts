/** What falls due when: the next days, one by one, by due date (not by Omie's expected date). */
import { type Amount, amountOf } from './aging.ts';
import { addDays, daysBetween, type PlainDate } from './dates.ts';
import type { Title } from './title.ts';
import { isOpen } from './title-filter.ts';

export interface DueDay extends Amount {
  readonly date: PlainDate;
}

export interface DueSoon {
  /** `days` entries, today first; days with nothing due are there with zero. */
  readonly days: readonly DueDay[];
  readonly total: Amount;
}

/** Open titles due from today to today + `days` − 1. Overdue ones are aging's business, not a forecast. */
export function dueSoon(titles: readonly Title[], today: PlainDate, days: number): DueSoon {
  const perDay: Title[][] = Array.from({ length: days }, () => []);
  for (const title of titles) {
    if (isOpen(title)) perDay[daysBetween(today, title.due)]?.push(title);
  }
  return {
    days: perDay.map((dueThen, offset) => ({ date: addDays(today, offset), ...amountOf(dueThen) })),
    total: amountOf(perDay.flat()),
  };
}
