/**
 * Walks the pages of one list. Omie's counters are its word, not proof: pages repeat, shrink and come empty, totals move
 * while others write, and the number of pages may be any number. A walk ends in every case, and what it could not prove
 * whole says so.
 */
import type { StopSignal } from '../stop-signal.ts';
import type { IncompleteReason, ListReading, OmieCall } from './omie-client.ts';
import type { Page } from './page.ts';
import { readingOfWholeList } from './page-reading.ts';

/** No list of ours is longer; a server that says so is wrong or needs a filter. */
export const MAX_PAGES = 500;
/** Pages asked for at once: twice what one method takes, so that its lane is never idle between two answers. */
const PAGES_AHEAD = 8;

export interface Walk<Row> {
  readonly call: Pick<OmieCall<Row>, 'idOf'>;
  /** Brings one page; throws to end the walk. */
  readonly fetchPage: (number: number, signal: StopSignal | undefined) => Promise<Page<Row>>;
  /** Did the page fail only for want of time? What was read till then is kept. */
  readonly isTimeUp?: ((error: unknown) => boolean) | undefined;
  readonly signal?: StopSignal | undefined;
  readonly onPage?: ((pagesRead: number, totalPages: number) => void) | undefined;
  readonly pageBudget?: number | undefined;
}

export async function walkPages<Row>(walk: Walk<Row>): Promise<ListReading<Row>> {
  const first = await walk.fetchPage(1, walk.signal);
  const whole = readingOfWholeList(first, walk.call);
  if (whole !== undefined) {
    walk.onPage?.(1, whole.totalPages);
    return whole;
  }
  const tally = new Tally(walk.call, first);
  walk.onPage?.(1, tally.totalPages);
  const budget = Math.max(1, Math.min(walk.pageBudget ?? MAX_PAGES, MAX_PAGES));
  const last = Math.min(tally.totalPages, budget);
  // Most lists fit in one page, and that page has nobody beside it to call off.
  if (last > 1) await readTogether(walk, tally, last);
  if (tally.totalPages > budget) tally.suspect(budget === MAX_PAGES ? 'limite_de_paginas' : 'orcamento_de_paginas');
  return tally.reading();
}

async function readTogether<Row>(walk: Walk<Row>, tally: Tally<Row>, last: number): Promise<void> {
  const ended = new AbortController();
  const cancel = (): void => ended.abort();
  walk.signal?.addEventListener('abort', cancel, { once: true });
  if (walk.signal?.aborted) ended.abort();
  try {
    await readRest(walk, tally, last, ended.signal);
  } catch (error) {
    // One page failed: nobody waits for the others any more. A walk that ends well leaves none behind, and an abort
    // costs as much as the walk itself when memory answers it.
    ended.abort();
    throw error;
  } finally {
    walk.signal?.removeEventListener('abort', cancel);
  }
}

/** Several pages at once while the counters agree that they exist; one by one past the rows that were promised. */
async function readRest<Row>(walk: Walk<Row>, tally: Tally<Row>, last: number, signal: StopSignal): Promise<void> {
  let next = 2;
  const work = async (until: number): Promise<void> => {
    while (next <= until && !tally.over && !signal.aborted) {
      const number = next;
      next += 1;
      const page = await pageInTime(walk, number, signal);
      if (page === undefined) return tally.end('tempo_esgotado');
      const pagesRead = tally.add(number, page);
      walk.onPage?.(pagesRead, tally.totalPages);
    }
  };
  const promised = Math.min(last, tally.pagesByRows);
  await Promise.all(Array.from({ length: Math.min(PAGES_AHEAD, promised - 1) }, () => work(promised)));
  await work(last);
}

/** `undefined` when the time of the walk ended first. */
async function pageInTime<Row>(walk: Walk<Row>, number: number, signal: StopSignal): Promise<Page<Row> | undefined> {
  try {
    return await walk.fetchPage(number, signal);
  } catch (error) {
    if (walk.isTimeUp?.(error)) return undefined;
    throw error;
  }
}

/** Gathers pages in any order and judges what they say about each other. */
class Tally<Row> {
  readonly #call: Pick<OmieCall<Row>, 'idOf'>;
  readonly #first: Page<Row>;
  readonly #pages = new Map<number, Page<Row>>();
  readonly totalPages: number;
  #reason: IncompleteReason | undefined;
  #over = false;

  constructor(call: Pick<OmieCall<Row>, 'idOf'>, first: Page<Row>) {
    this.#call = call;
    this.#first = first;
    this.#pages.set(1, first);
    // The server's word; where it gives none that makes sense, what its own rows imply.
    this.totalPages = first.totalPages || this.#impliedPages();
    if (first.rows.length === 0 && (this.totalPages > 0 || (first.totalRows ?? 0) > 0)) this.end('pagina_vazia');
  }

  /** A page came that ends the walk: no further one is worth asking for. */
  get over(): boolean {
    return this.#over;
  }

  /** Pages that the promised rows fill, at the size of the first page. */
  get pagesByRows(): number {
    const { rows, totalRows, totalPages } = this.#first;
    if (rows.length === 0) return 1;
    if (totalRows !== undefined) return Math.max(1, Math.ceil(totalRows / rows.length));
    // Without a promise of rows, a sane number of pages is the next best.
    return totalPages !== undefined && totalPages <= MAX_PAGES ? totalPages : 1;
  }

  /** Returns how many pages there are now. */
  add(number: number, page: Page<Row>): number {
    if (page.rows.length === 0) this.end('pagina_vazia');
    // ListarEmpresas, asked past its end, answers page 1 again and says so.
    else if (page.number !== undefined && page.number !== number) this.end('pagina_repetida');
    else {
      if (this.#sameIds(page, this.#first) || this.#repeatsNeighbour(number, page)) this.end('pagina_repetida');
      if (page.totalRows !== this.#first.totalRows || page.totalPages !== this.#first.totalPages)
        this.suspect('lista_mudou');
      this.#pages.set(number, page);
    }
    return this.#pages.size;
  }

  suspect(reason: IncompleteReason): void {
    this.#reason ??= reason;
  }

  reading(): ListReading<Row> {
    const pages = [...this.#pages].sort(([left], [right]) => left - right).map(([, page]) => page);
    const { rows, repeated } = this.#distinct(pages);
    const promised = this.#first.totalRows;
    if (rows.length !== promised) {
      // A row seen on two pages was pushed along by another that came in before it.
      this.suspect(repeated ? 'lista_mudou' : 'contagem_divergente');
    }
    return {
      rows,
      totalRows: promised ?? rows.length,
      totalPages: this.totalPages,
      pagesRead: pages.length,
      complete: this.#reason === undefined,
      ...(this.#reason !== undefined && { reason: this.#reason }),
      fetchedAt: new Date(Math.min(...pages.map((page) => page.arrivedAt))),
    };
  }

  #impliedPages(): number {
    if (this.#first.rows.length === 0) return 0;
    // No counter at all: read on, one page at a time, until one is empty.
    return this.#first.totalRows === undefined ? MAX_PAGES : this.pagesByRows;
  }

  /** No further page is asked for, and the list is not whole. */
  end(reason: IncompleteReason): void {
    this.#over = true;
    this.suspect(reason);
  }

  #repeatsNeighbour(number: number, page: Page<Row>): boolean {
    return [number - 1, number + 1].some((other) => {
      const neighbour = this.#pages.get(other);
      return neighbour !== undefined && this.#sameIds(page, neighbour);
    });
  }

  #sameIds(page: Page<Row>, other: Page<Row>): boolean {
    if (page.rows.length !== other.rows.length) return false;
    return page.rows.every((row, index) => {
      const twin = other.rows[index];
      const id = this.#call.idOf(row);
      return id !== undefined && twin !== undefined && id === this.#call.idOf(twin);
    });
  }

  /** A row without an id cannot be told from another: it stays, and the count decides. */
  #distinct(pages: readonly Page<Row>[]): { rows: Row[]; repeated: boolean } {
    const rows: Row[] = [];
    const seen = new Set<string | number>();
    let repeated = false;
    for (const page of pages) {
      for (const row of page.rows) {
        const id = this.#call.idOf(row);
        if (id !== undefined && seen.has(id)) repeated = true;
        else {
          if (id !== undefined) seen.add(id);
          rows.push(row);
        }
      }
    }
    return { rows, repeated };
  }
}
