/** A calendar date as days since 1970-01-01: two dates compare and subtract as plain numbers. */
export type Day = number;

const DAY_MS = 86_400_000;

/** Brasília has kept UTC-3 all year since daylight saving ended in 2019; Omie's dates and times carry no offset. */
const BRASILIA_OFFSET_MS = -3 * 3_600_000;

const written = new Map<Day, string>();
const twoDigits = (value: number): string => String(value).padStart(2, '0');

export function dayInBrasilia(instant: Date): Day {
  return Math.floor((instant.getTime() + BRASILIA_OFFSET_MS) / DAY_MS);
}

/** Time of day as Omie writes it, in its own field: `hh:mm:ss`. */
export function timeInBrasilia(instant: Date): string {
  return new Date(instant.getTime() + BRASILIA_OFFSET_MS).toISOString().slice(11, 19);
}

/** `dd/mm/aaaa`, the only date format of the RPC API. Remembered: a page of a hundred rows writes some five hundred dates. */
export function omieDate(day: Day): string {
  const known = written.get(day);
  if (known !== undefined) return known;
  const date = new Date(day * DAY_MS);
  const text = `${twoDigits(date.getUTCDate())}/${twoDigits(date.getUTCMonth() + 1)}/${date.getUTCFullYear()}`;
  written.set(day, text);
  return text;
}

export function parseOmieDate(text: string): Day | undefined {
  const match = /^(\d{2})\/(\d{2})\/(\d{4})$/.exec(text);
  return match ? realDay(Number(match[3]), Number(match[2]), Number(match[1])) : undefined;
}

export function isoDate(day: Day): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

export function parseIsoDate(text: string): Day | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  return match ? realDay(Number(match[1]), Number(match[2]), Number(match[3])) : undefined;
}

export function yearAndMonth(day: Day): { year: number; month: number } {
  const date = new Date(day * DAY_MS);
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1 };
}

/** 0 = Sunday … 6 = Saturday; 1970-01-01 was a Thursday. */
export function weekday(day: Day): number {
  return (((day + 4) % 7) + 7) % 7;
}

/** The first Monday-to-Friday date from `day` on. Bank holidays are left out. */
export function nextBusinessDay(day: Day): Day {
  const index = weekday(day);
  if (index === 6) return day + 2;
  return index === 0 ? day + 1 : day;
}

function realDay(year: number, month: number, dayOfMonth: number): Day | undefined {
  const date = new Date(Date.UTC(year, month - 1, dayOfMonth));
  // Date.UTC rolls 31/02 over into March: such a date does not exist.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== dayOfMonth) return undefined;
  return Math.floor(date.getTime() / DAY_MS);
}
