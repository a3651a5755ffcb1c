/** One page cut from what was read, and how far its sums may be believed. Pure. */
import type { Title } from '../../finance/title.ts';
import { paginate, type TitleTotals, totalOf } from '../../finance/totals.ts';
import type { TitleReading } from './list-titles.ts';
import { markOf, TORN } from './page-trail.ts';
import { roundingNotes } from './rounding-note.ts';
import type { TitleWindow } from './title-window.ts';

export interface TitleSlice {
  readonly items: readonly Title[];
  readonly page: number;
  readonly totalPages: number;
  readonly totalRows: number;
  readonly totals: TitleTotals;
  /** `consulta`: the sums cover all that was asked. Only ever said of a complete reading. */
  readonly scope: 'pagina' | 'consulta';
  /** The reading is whole and no page follows. */
  readonly complete: boolean;
  readonly nextPage?: number;
  readonly reason?: string;
  readonly fetchedAt: Date;
  readonly notes: readonly string[];
  /** What the page was cut from; absent when that is shown whole. */
  readonly list?: string;
}

interface PageWanted {
  readonly number: number;
  readonly size: number;
}

export function sliceReading(reading: TitleReading, { number, size }: PageWanted): TitleSlice {
  const page = paginate(reading.titles, number, size);
  const totalRows = Math.max(reading.totalKnown ?? 0, reading.titles.length);
  const summed = reading.complete ? reading.titles : page.items;
  return {
    items: page.items,
    page: number,
    totalPages: Math.ceil(totalRows / size),
    totalRows,
    totals: totalOf(summed),
    scope: reading.complete ? 'consulta' : 'pagina',
    complete: reading.complete && !page.hasNext,
    ...(page.hasNext && { nextPage: number + 1 }),
    ...(reading.reason !== undefined && { reason: reading.reason }),
    fetchedAt: reading.fetchedAt,
    ...(totalRows > size && { list: markOf(reading.titles) }),
    notes: [
      ...(reading.totalKnown === undefined ? ['total_de_registros conta só o que foi lido; pode haver mais.'] : []),
      ...(reading.complete ? [] : ['Leitura parcial: totais somam só esta página.']),
      ...roundingNotes(summed),
    ],
  };
}

export function sliceWindow(window: TitleWindow, { number, size }: PageWanted): TitleSlice {
  const totalPages = Math.ceil(window.totalKnown / size);
  const hasNext = number < totalPages;
  return {
    items: window.titles,
    page: number,
    totalPages,
    totalRows: window.totalKnown,
    totals: totalOf(window.titles),
    scope: 'pagina',
    complete: window.complete && !hasNext,
    ...(hasNext && { nextPage: number + 1 }),
    ...(window.reason !== undefined && { reason: window.reason }),
    fetchedAt: window.fetchedAt,
    list: window.list,
    notes: [
      'Consulta longa demais para somar inteira: totais só desta página, e as páginas seguem a ordem do Omie, não o ' +
        'vencimento. Para totais da consulta, restrinja por vencimento ou contraparte.',
      ...roundingNotes(window.titles),
    ],
  };
}

/** A page that does not join the one before it. */
export function tornSlice(slice: TitleSlice): TitleSlice {
  return { ...slice, complete: false, reason: [slice.reason, TORN].filter((reason) => reason !== undefined).join(' ') };
}
