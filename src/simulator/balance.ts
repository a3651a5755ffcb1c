/** What is owed, paid and still open on one title. Pure arithmetic in centavos. */
import type { Day } from './dates.ts';
import { type Centavos, type Title, taxes } from './model.ts';

export interface Settlement {
  /** Document value less withheld taxes. */
  owed: Centavos;
  /** How much of it payments have settled, discounts included. */
  settled: Centavos;
  open: Centavos;
  discount: Centavos;
  interest: Centavos;
  fine: Centavos;
  /** What went through the bank: settled − discount + interest + fine. */
  cash: Centavos;
  lastPayment: Day | undefined;
}

export function settlementOf(title: Title): Settlement {
  let settled = 0;
  let discount = 0;
  let interest = 0;
  let fine = 0;
  let lastPayment: Day | undefined;
  for (const payment of title.payments) {
    settled += payment.principal;
    discount += payment.discount;
    interest += payment.interest;
    fine += payment.fine;
    if (lastPayment === undefined || payment.day > lastPayment) lastPayment = payment.day;
  }
  const owed = title.amount - withheldFrom(title);
  const open = title.cancelled === undefined ? owed - settled : 0;
  return { owed, settled, open, discount, interest, fine, cash: settled - discount + interest + fine, lastPayment };
}

export function withheldFrom(title: Title): Centavos {
  let total = 0;
  for (const tax of taxes) {
    const line = title.taxes[tax];
    if (line?.withheld) total += line.amount;
  }
  return total;
}

/** Splits an amount by percentages; the last share takes the rounding, so shares always add up to the amount. */
export function splitAmount(amount: Centavos, percents: readonly number[]): Centavos[] {
  let left = amount;
  return percents.map((percent, index) => {
    const share = index === percents.length - 1 ? left : Math.round((amount * percent) / 100);
    left -= share;
    return share;
  });
}
