/**
 * Calendar dates without a clock. Omie writes dd/mm/aaaa in Brasília time and leaves empty dates as "" or absent; inside
 * the house a date is ISO text, so it sorts and compares as text. Arithmetic runs on UTC midnights: no daylight saving.
 */
declare const plain: unique symbol;

/** 'aaaa-mm-dd', a day that exists, years 1900 to 9999. */
export type PlainDate = string & { readonly [plain]: 'date' };

/** Where "now" comes from; injected, never read from the system by a rule. */
export interface Clock {
  now(): Date;
}

const DAY_MS = 86_400_000;
const BRASILIA_OFFSET_MS = 3 * 3_600_000;
const isoPattern = /^(\d{4})-(\d{2})-(\d{2})$/;
const brazilianPattern = /^(\d{2})\/(\d{2})\/(\d{4})$/;

export function isPlainDate(text: string): text is PlainDate {
  const match = isoPattern.exec(text);
  if (match === null) return false;
  const [year, month, day] = [Number(match[1]), Number(match[2]), Number(match[3])];
  if (year < 1900 || month < 1 || month > 12 || day < 1) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** Reads 'aaaa-mm-dd' or 'dd/mm/aaaa'. Undefined for "", null and every day that is not in the calendar. */
export function parseDate(text: string | null | undefined): PlainDate | undefined {
  const trimmed = text?.trim() ?? '';
  const brazilian = brazilianPattern.exec(trimmed);
  const iso = brazilian === null ? trimmed : `${brazilian[3]}-${brazilian[2]}-${brazilian[1]}`;
  return isPlainDate(iso) ? iso : undefined;
}

/** As Omie wants it in a query: dd/mm/aaaa. */
export function toOmieDate(date: PlainDate): string {
  return `${date.slice(8)}/${date.slice(5, 7)}/${date.slice(0, 4)}`;
}

/** @throws RangeError when the result leaves the years 1900 to 9999. */
export function addDays(date: PlainDate, days: number): PlainDate {
  const moved = new Date(utcMidnight(date) + days * DAY_MS);
  const iso = Number.isNaN(moved.getTime()) ? '' : moved.toISOString().slice(0, 10);
  if (!isPlainDate(iso)) throw new RangeError(`no such day: ${date} ${days >= 0 ? '+' : ''}${days}`);
  return iso;
}

/** Days from one date to another: positive when `to` is later. */
export function daysBetween(from: PlainDate, to: PlainDate): number {
  return (utcMidnight(to) - utcMidnight(from)) / DAY_MS;
}

/** The day it is in São Paulo, whatever the machine's own zone. */
export function todayInSaoPaulo(clock: Clock): PlainDate {
  const iso = saoPauloDay.format(clock.now());
  if (!isPlainDate(iso)) throw new RangeError(`the clock shows no usable day: ${iso}`);
  return iso;
}

/** The instant as ISO text at Brasília's offset, e.g. 2026-11-20T15:00:00-03:00 (no daylight saving since 2019). */
export function toBrasiliaTimestamp(instant: Date): string {
  return `${new Date(instant.getTime() - BRASILIA_OFFSET_MS).toISOString().slice(0, 19)}-03:00`;
}

/** en-CA writes aaaa-mm-dd. */
const saoPauloDay = new Intl.DateTimeFormat('en-CA', {
  timeZone: 'America/Sao_Paulo',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
});

function utcMidnight(date: PlainDate): number {
  return Date.parse(`${date}T00:00:00Z`);
}

export const earliest = (left: PlainDate | undefined, right: PlainDate | undefined): PlainDate | undefined =>
  left === undefined ? right : right === undefined || left < right ? left : right;

export const latest = (left: PlainDate | undefined, right: PlainDate | undefined): PlainDate | undefined =>
  left === undefined ? right : right === undefined || left > right ? left : right;
