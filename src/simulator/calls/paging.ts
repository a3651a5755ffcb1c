/** The two dialects of pages, and what each endpoint does when there is nothing to show. */
import { noRecordsOnPage } from '../omie-fault.ts';
import type { Quirks } from '../quirks.ts';
import type { WireObject } from '../wire.ts';
import { int } from './complex-type.ts';

const DEFAULT_PAGE_SIZE = 50;
const HUNGARIAN_PAGE_CAP = 500;

export const snakePage = { pagina: int, registros_por_pagina: int };
export const hungarianPage = { nPagina: int, nRegPorPagina: int };

/** Nothing on this page: a fault (most lists), zero rows with totals 0, or the first page again (ListarEmpresas). */
export type WhenEmpty = 'fault' | 'zero' | 'first page';

interface Window<T> {
  page: number;
  pages: number;
  total: number;
  rows: readonly T[];
}

export function snakeList<T>(
  listKey: string,
  records: readonly T[],
  request: { pagina?: number | undefined; registros_por_pagina?: number | undefined },
  quirks: Quirks,
  toRow: (record: T) => WireObject,
  whenEmpty: WhenEmpty = 'fault',
): WireObject {
  // Snake-case lists cap the page in silence: ask 200, get 100 and a page count to match.
  const window = windowOf(records, request.pagina, request.registros_por_pagina, quirks.snakePageCap, whenEmpty);
  return {
    [listKey]: window.rows.map(toRow),
    pagina: window.page,
    registros: window.rows.length,
    total_de_paginas: window.pages,
    total_de_registros: window.total,
  };
}

export function hungarianList<T>(
  listKey: string,
  records: readonly T[],
  request: { nPagina?: number | undefined; nRegPorPagina?: number | undefined },
  toRow: (record: T) => WireObject,
  whenEmpty: WhenEmpty = 'fault',
): WireObject {
  const window = windowOf(records, request.nPagina, request.nRegPorPagina, HUNGARIAN_PAGE_CAP, whenEmpty);
  return {
    nPagina: window.page,
    nRegistros: window.rows.length,
    nTotPaginas: window.pages,
    nTotRegistros: window.total,
    [listKey]: window.rows.map(toRow),
  };
}

function windowOf<T>(
  records: readonly T[],
  askedPage: number | undefined,
  askedSize: number | undefined,
  cap: number,
  whenEmpty: WhenEmpty,
): Window<T> {
  const page = Math.max(1, askedPage ?? 1);
  const size = Math.min(cap, askedSize !== undefined && askedSize > 0 ? askedSize : DEFAULT_PAGE_SIZE);
  const start = (page - 1) * size;
  if (start < records.length) {
    const pages = Math.ceil(records.length / size);
    return { page, pages, total: records.length, rows: records.slice(start, start + size) };
  }
  if (whenEmpty === 'fault') throw noRecordsOnPage(page);
  if (whenEmpty === 'first page' && page > 1) return windowOf(records, 1, askedSize, cap, 'zero');
  return { page, pages: 0, total: 0, rows: [] };
}
