/**
 * A list too long to read whole, seen through a window: only the Omie pages that hold the page asked for. Possible only when
 * Omie itself can answer the filter (no situation to decide here); sums then cover the page shown and nothing more.
 */
import type { CompanyCredentials } from '../../companies/company.ts';
import { type PlainDate, todayInSaoPaulo } from '../../finance/dates.ts';
import { planQueries } from '../../finance/query-plan.ts';
import type { Title, TitleKind, WireMovement } from '../../finance/title.ts';
import { needsLocalStatus, type TitleFilter } from '../../finance/title-filter.ts';
import { listarMovimentos } from '../../omie/calls/movimentos.ts';
import type { ListReading } from '../../omie/omie-client.ts';
import { SMALLEST_SIZE } from '../../omie/page-size.ts';
import { startQuestion } from '../question-time.ts';
import { DEFAULT_PAGE_BUDGET, type ReadTitlesOptions, selectTitles, type TitleReaderOptions } from './list-titles.ts';
import { explainProblems } from './merge-readings.ts';
import { markOf } from './page-trail.ts';

export interface TitleWindow {
  /** The titles of the page asked for, by due date within it; the pages themselves follow Omie's order. */
  readonly titles: readonly Title[];
  /** True when the window holds every row that Omie announced for it. */
  readonly complete: boolean;
  readonly reason?: string;
  readonly fetchedAt: Date;
  /** Omie's own count of the whole query. */
  readonly totalKnown: number;
  /**
   * Tells lists of one length apart by their first titles, which are read for every window: by as many rows as the smallest page
   * has, for the size of the first page may be another the next time.
   */
  readonly list: string;
  readonly today: PlainDate;
}

export interface TitleWindowReader {
  /** Undefined when the whole list fits the page budget at full pages, or cannot be cut by Omie: then read it whole. */
  readWindow(
    company: CompanyCredentials,
    kind: TitleKind,
    filter: TitleFilter,
    page: { readonly number: number; readonly size: number },
    options?: ReadTitlesOptions,
  ): Promise<TitleWindow | undefined>;
}

type Rows = ListReading<WireMovement>;

export function createTitleWindowReader(options: TitleReaderOptions): TitleWindowReader {
  const { omie, clock, pageBudget = DEFAULT_PAGE_BUDGET } = options;

  return {
    async readWindow(company, kind, filter, page, { signal, onProgress, timeLeft = startQuestion() } = {}) {
      const today = todayInSaoPaulo(clock);
      const [params, ...others] = planQueries(filter, kind, today).queries;
      if (needsLocalStatus(filter) || params === undefined || others.length > 0) return undefined;

      const first: Rows = await omie.readList(company, listarMovimentos, params, {
        signal,
        timeoutMs: timeLeft(),
        pageBudget: 1,
      });
      // An empty first page of a long list is a lie; the whole reading knows how to say so.
      if (first.totalRows <= pageBudget * fullPage(first) || first.rows.length === 0) return undefined;

      const cut = cutOf(first, page, pageBudget);
      const readings: Rows[] = [];
      for (let index = cut.fromPage; index <= cut.toPage; index += 1) {
        const number = index + 1;
        const asked = { number, size: cut.omieSize };
        const options = { signal, timeoutMs: timeLeft() };
        readings.push(index === 0 ? first : await omie.readPage(company, listarMovimentos, params, asked, options));
        onProgress?.(number - cut.fromPage, cut.toPage - cut.fromPage + 1);
      }
      const rows = readings
        .flatMap((reading) => reading.rows)
        .slice(cut.skip, cut.skip + Math.max(0, cut.end - cut.start));
      const fetchedAt = new Date(Math.min(...[first, ...readings].map((reading) => reading.fetchedAt.getTime())));
      const select = (some: readonly WireMovement[]) => selectTitles([{ rows: some, fetchedAt }], kind, filter, today);
      const isAllOurs = (some: readonly WireMovement[]): boolean => {
        const { titles, problems } = select(some);
        return titles.length + problems.length === some.length;
      };
      const { titles, problems } = select(rows);
      const reasons = [
        isSteady(first, readings, cut) ? undefined : UNSTEADY,
        explainProblems(problems),
        // The whole first page besides: the count that it announces holds for every page that is shown.
        isAllOurs(rows) && isAllOurs(first.rows) ? undefined : STRANGERS,
      ].filter((reason) => reason !== undefined);
      return {
        titles,
        complete: reasons.length === 0,
        ...(reasons.length > 0 && { reason: reasons.join(' ') }),
        fetchedAt,
        totalKnown: first.totalRows,
        list: `${first.totalRows} ${markOf(select(first.rows.slice(0, SMALLEST_SIZE)).titles)}`,
        today,
      };
    },
  };
}

/**
 * Rows of a page of Omie at its best. Pages that are small for a while, because heavy ones broke, do not decide whether a list
 * is read whole: windows have another order, and pages cut in two ways do not join.
 */
function fullPage({ rows, pageSize }: Rows): number {
  const isCapped = pageSize !== undefined && rows.length < pageSize;
  return isCapped ? rows.length : listarMovimentos.maxPageSize;
}

const UNSTEADY = 'A lista mudou no Omie entre as páginas lidas. Repita a consulta em um minuto.';
const STRANGERS =
  'O Omie devolveu registros repetidos ou fora do filtro pedido; eles foram retirados e a contagem total não é exata.';

interface Cut {
  /** Rows of the whole query, from 0: start included, end not. */
  readonly start: number;
  readonly end: number;
  /** How Omie really cuts pages: sizes asked for are lowered in silence, but the first of many pages is a full one. */
  readonly omieSize: number;
  /** Omie pages, from 0, that hold the rows; none when `toPage` is before `fromPage`. */
  readonly fromPage: number;
  readonly toPage: number;
  /** Rows of the first of those pages that come before `start`. */
  readonly skip: number;
  /** Every row asked for lies within the pages that may be read. */
  readonly whole: boolean;
}

/** Past the end no page is named: an empty page is an error answer to Omie, and errors lead to a block. */
function cutOf(first: Rows, page: { readonly number: number; readonly size: number }, pageBudget: number): Cut {
  const omieSize = first.rows.length;
  const start = (page.number - 1) * page.size;
  const end = Math.min(start + page.size, first.totalRows);
  const fromPage = Math.floor(start / omieSize);
  const lastPage = start < end ? Math.floor((end - 1) / omieSize) : fromPage - 1;
  const toPage = Math.min(lastPage, fromPage + pageBudget - 1);
  return { start, end, omieSize, fromPage, toPage, skip: start - fromPage * omieSize, whole: toPage === lastPage };
}

/** The counters agree with each other and every page brought the rows they promise. */
function isSteady(first: Rows, readings: readonly Rows[], cut: Cut): boolean {
  if (!cut.whole || Math.ceil(first.totalRows / cut.omieSize) !== first.totalPages) return false;
  return readings.every((reading, index) => {
    const promised = Math.min(cut.omieSize, first.totalRows - (cut.fromPage + index) * cut.omieSize);
    return reading.rows.length === promised && reading.totalRows === first.totalRows;
  });
}
