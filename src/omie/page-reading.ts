/** What one page says by itself: no other one is asked for. */
import type { IncompleteReason, ListReading, OmieCall } from './omie-client.ts';
import type { Page } from './page.ts';

/** The list that its first page proves to hold whole; undefined when it takes a walk to know. */
export function readingOfWholeList<Row>(
  first: Page<Row>,
  call: Pick<OmieCall<Row>, 'idOf'>,
): ListReading<Row> | undefined {
  if ((first.number ?? 1) !== 1 || first.totalRows !== first.rows.length) return undefined;
  const reading = readingOfPage(first, 1, call);
  return reading.complete ? reading : undefined;
}

/** One page as the server cut it. It is the whole list only when the server has no other page and the count agrees. */
export function readingOfPage<Row>(
  page: Page<Row>,
  asked: number,
  call: Pick<OmieCall<Row>, 'idOf'>,
): ListReading<Row> {
  if (page.number !== undefined && page.number !== asked) {
    // Past the end, ListarEmpresas answers page 1 again: for the page that was asked, that is nothing.
    return readingOfPage({ ...page, rows: [], number: undefined }, asked, call);
  }
  const totalPages = page.totalPages || (page.rows.length > 0 ? asked : 0);
  const totalRows = page.totalRows ?? page.rows.length;
  const reason = reasonOfPage(page, asked, totalPages, call);
  return {
    rows: page.rows,
    totalRows,
    totalPages,
    pagesRead: 1,
    complete: reason === undefined,
    ...(reason !== undefined && { reason }),
    fetchedAt: new Date(page.arrivedAt),
  };
}

function reasonOfPage<Row>(
  page: Page<Row>,
  asked: number,
  totalPages: number,
  call: Pick<OmieCall<Row>, 'idOf'>,
): IncompleteReason | undefined {
  if (page.rows.length === 0 && asked <= totalPages) return 'pagina_vazia';
  if (totalPages > 1 || asked > 1) return 'orcamento_de_paginas';
  return countDistinct(page.rows, call) === (page.totalRows ?? 0) ? undefined : 'contagem_divergente';
}

/** The rows of a page never change, and a page in memory is judged at each call that it answers. */
const distinctCounts = new WeakMap<readonly unknown[], number>();

function countDistinct<Row>(rows: readonly Row[], call: Pick<OmieCall<Row>, 'idOf'>): number {
  const known = distinctCounts.get(rows);
  if (known !== undefined) return known;
  const ids = rows.map((row) => call.idOf(row)).filter((id) => id !== undefined);
  const count = rows.length - ids.length + new Set(ids).size;
  distinctCounts.set(rows, count);
  return count;
}
