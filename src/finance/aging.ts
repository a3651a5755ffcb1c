/** How late what is still open is. Every open centavo lands in exactly one bucket: the buckets add up to the total. */
import { type Centavos, sumCentavos } from './money.ts';
import type { Title } from './title.ts';
import { isOpen } from './title-filter.ts';

export const agingBuckets = ['a_vencer', 'de_1_a_30', 'de_31_a_60', 'de_61_a_90', 'acima_de_90'] as const;
/** `a_vencer` holds what is due today or later; the others count calendar days past due. */
type AgingBucket = (typeof agingBuckets)[number];

export interface Amount {
  readonly open: Centavos;
  readonly count: number;
}
export type Aging = { readonly [Bucket in AgingBucket]: Amount } & { readonly total: Amount };

export function agingOf(titles: readonly Title[]): Aging {
  const open = titles.filter(isOpen);
  const inBucket = (bucket: AgingBucket): Amount => amountOf(open.filter((title) => bucketOf(title) === bucket));
  return {
    a_vencer: inBucket('a_vencer'),
    de_1_a_30: inBucket('de_1_a_30'),
    de_31_a_60: inBucket('de_31_a_60'),
    de_61_a_90: inBucket('de_61_a_90'),
    acima_de_90: inBucket('acima_de_90'),
    total: amountOf(open),
  };
}

function bucketOf({ daysOverdue }: Title): AgingBucket {
  if (daysOverdue === 0) return 'a_vencer';
  if (daysOverdue <= 30) return 'de_1_a_30';
  if (daysOverdue <= 60) return 'de_31_a_60';
  return daysOverdue <= 90 ? 'de_61_a_90' : 'acima_de_90';
}

export function amountOf(titles: readonly Title[]): Amount {
  return { open: sumCentavos(titles.map((title) => title.open)), count: titles.length };
}
