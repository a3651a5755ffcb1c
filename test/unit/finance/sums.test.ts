import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { agingBuckets, agingOf } from '../../../src/finance/aging.ts';
import { dueSoon } from '../../../src/finance/cash.ts';
import { type Title, toTitle } from '../../../src/finance/title.ts';
import { byDueDate, paginate, totalOf } from '../../../src/finance/totals.ts';
import { type Fact, facts, openOf, TODAY, toRow } from './title-model.ts';

const titlesOf = (list: readonly Fact[]): Title[] =>
  list.flatMap((fact) => {
    const read = toTitle(toRow(fact), fact.kind, TODAY);
    return read.is === 'title' ? [read.title] : [];
  });
const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);
const owed = (list: readonly Fact[]): Fact[] => list.filter((fact) => openOf(fact) > 0);

describe('sums', () => {
  it('totals every title', () => {
    fc.assert(
      fc.property(facts, (list) => {
        expect(totalOf(titlesOf(list))).toEqual({
          value: sum(list.map((fact) => fact.amount)),
          open: sum(list.map(openOf)),
          count: list.length,
        });
      }),
    );
  });

  it('ages every open centavo into exactly one bucket', () => {
    fc.assert(
      fc.property(facts, (list) => {
        const aging = agingOf(titlesOf(list));
        expect(sum(agingBuckets.map((bucket) => aging[bucket].open))).toBe(aging.total.open);
        expect(sum(agingBuckets.map((bucket) => aging[bucket].count))).toBe(aging.total.count);
        const between = (from: number, to: number): number =>
          sum(
            owed(list)
              .filter((fact) => -fact.dueIn >= from && -fact.dueIn <= to)
              .map(openOf),
          );
        expect(aging.a_vencer.open).toBe(between(Number.NEGATIVE_INFINITY, 0));
        expect(aging.de_1_a_30.open).toBe(between(1, 30));
        expect(aging.de_31_a_60.open).toBe(between(31, 60));
        expect(aging.de_61_a_90.open).toBe(between(61, 90));
        expect(aging.acima_de_90.open).toBe(between(91, Number.POSITIVE_INFINITY));
      }),
    );
  });

  it.each([7, 30])('spreads what is due over the next %d days', (days) => {
    fc.assert(
      fc.property(facts, (list) => {
        const soon = dueSoon(titlesOf(list), TODAY, days);
        const due = owed(list).filter((fact) => fact.dueIn >= 0 && fact.dueIn < days);
        expect(soon.days).toHaveLength(days);
        expect(soon.days[0]?.date).toBe(TODAY);
        expect(sum(soon.days.map((day) => day.open))).toBe(soon.total.open);
        expect(soon.total).toEqual({ open: sum(due.map(openOf)), count: due.length });
        soon.days.forEach((day, offset) => {
          expect(day.count).toBe(due.filter((fact) => fact.dueIn === offset).length);
        });
      }),
    );
  });
});

describe('pages', () => {
  it('show each title once, in order, and end where they say', () => {
    fc.assert(
      fc.property(facts, fc.integer({ min: 1, max: 50 }), (list, size) => {
        const ordered = titlesOf(list).sort(byDueDate);
        const pages = Array.from({ length: Math.ceil(list.length / size) + 2 }, (_, index) =>
          paginate(ordered, index + 1, size),
        );
        expect(pages.flatMap((page) => page.items)).toEqual(ordered);
        for (const page of pages) {
          expect(page.hasNext).toBe(page.number * size < list.length);
          expect(page.totalPages).toBe(Math.ceil(list.length / size));
        }
        ordered.reduce((before, after) => {
          expect(before.due < after.due || (before.due === after.due && before.id < after.id) || before === after).toBe(
            true,
          );
          return after;
        }, ordered[0] ?? titlesOf([])[0]!);
      }),
    );
  });
});
