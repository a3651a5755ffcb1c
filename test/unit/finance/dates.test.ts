import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addDays,
  daysBetween,
  earliest,
  latest,
  parseDate,
  toBrasiliaTimestamp,
  todayInSaoPaulo,
  toOmieDate,
} from '../../../src/finance/dates.ts';
import { date } from './title-model.ts';

const anyDate = fc
  .date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2199-12-31T00:00:00Z'), noInvalidDate: true })
  .map((instant) => date(instant.toISOString().slice(0, 10)));

describe('dates', () => {
  it.each([
    ['2026-11-20', '2026-11-20'],
    ['20/11/2026', '2026-11-20'],
    [' 01/02/2024 ', '2024-02-01'],
    ['29/02/2024', '2024-02-29'],
  ])('%s is %s', (text, expected) => expect(parseDate(text)).toBe(expected));

  it.each([
    '',
    ' ',
    '29/02/2026',
    '2026-02-29',
    '31/04/2026',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '1/2/2026',
    '20-11-2026',
    '2026/11/20',
    '2026-11-20T00:00:00',
    '11/20/2026',
    '20/11/26',
    '0000-01-01',
    '1899-12-30',
    '00/00/0000',
    '２０２６-11-20',
  ])('%j is no date', (text) => expect(parseDate(text)).toBeUndefined());

  it('reads absent dates as absent', () => {
    expect(parseDate(undefined)).toBeUndefined();
    expect(parseDate(null)).toBeUndefined();
  });

  it('agrees with itself on the way to Omie and back', () => {
    fc.assert(fc.property(anyDate, (day) => parseDate(toOmieDate(day)) === day));
  });

  it('adds and counts days', () => {
    expect(addDays(date('2024-02-28'), 2)).toBe('2024-03-01');
    expect(addDays(date('2026-01-01'), -1)).toBe('2025-12-31');
    // Brazil's last change to daylight saving: midnight of this day did not exist.
    expect(daysBetween(date('2018-11-03'), date('2018-11-05'))).toBe(2);
    fc.assert(
      fc.property(anyDate, fc.integer({ min: -20_000, max: 20_000 }), (day, days) => {
        fc.pre(day > '1960' && day < '2140');
        const moved = addDays(day, days);
        return daysBetween(day, moved) === days && addDays(moved, -days) === day && days > 0 === moved > day;
      }),
    );
    expect(() => addDays(date('9999-12-31'), 1)).toThrow(RangeError);
    expect(() => addDays(date('2026-01-01'), Number.NaN)).toThrow(RangeError);
  });

  it.each([
    ['2026-11-20T02:59:59Z', '2026-11-19'],
    ['2026-11-20T03:00:00Z', '2026-11-20'],
    ['2026-11-21T02:59:59Z', '2026-11-20'],
    ['2027-01-01T01:00:00Z', '2026-12-31'],
  ])('at %s it is %s in São Paulo', (instant, day) => {
    expect(todayInSaoPaulo({ now: () => new Date(instant) })).toBe(day);
  });

  it('writes instants at Brasília offset', () => {
    expect(toBrasiliaTimestamp(new Date('2026-11-20T02:30:15.999Z'))).toBe('2026-11-19T23:30:15-03:00');
  });

  it('picks ends, an absent one losing', () => {
    const [early, late] = [date('2026-01-01'), date('2026-02-01')];
    expect(earliest(early, late)).toBe(early);
    expect(earliest(undefined, late)).toBe(late);
    expect(latest(early, late)).toBe(late);
    expect(latest(early, undefined)).toBe(early);
    expect(latest(undefined, undefined)).toBeUndefined();
  });
});
