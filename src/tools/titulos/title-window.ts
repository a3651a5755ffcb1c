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
import { DEFAULT_PAGE_BUDGET, type ReadTitlesOptions, selectTitles, type TitleReaderOptions } from './list-titles.ts';
import { explainProblems } from './merge-readings.ts';

export interface TitleWindow {
  /** The titles of the page asked for, by due date within it; the pages themselves follow Omie's order. */
  readonly titles: readonly Title[];
  /** True when the window holds every row that Omie announced for it. */
  readonly complete: boolean;
  readonly reason?: string;
  readonly fetchedAt: Date;
  /** Omie's own count of the whole query. */
  readonly totalKnown: number;
  readonly today: PlainDate;
}

export interface TitleWindowReader {
  /** Undefined when the whole list fits the page budget, or cannot be cut by Omie: then read it whole. */
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
  const size = listarMovimentos.maxPageSize;

  return {
    async readWindow(company, kind, filter, page, { signal, onProgress } = {}) {
      const today = todayInSaoPaulo(clock);
      const [params, ...others] = planQueries(filter, kind, today).queries;
      if (needsLocalStatus(filter) || params === undefined || others.length > 0) return undefined;

      const readPage = (number: number): Promise<Rows> =>
        omie.readPage(company, listarMovimentos, params, { number, size }, { signal });
      const first = await readPage(1);
      if (first.totalPages <= pageBudget) return undefined;

      // Omie may cut pages shorter than asked, in silence: the first page of many shows the true size.
      const omieSize = Math.max(1, first.rows.length);
      const start = (page.number - 1) * page.size;
      const end = Math.min(start + page.size, first.totalRows);
      const readings: Rows[] = [];
      const rows: WireMovement[] = [];
      let steady = Math.ceil(first.totalRows / omieSize) === first.totalPages;
      // Past the end nothing is asked: an empty page is an error answer, and errors lead to a block.
      const last = start < end ? Math.floor((end - 1) / omieSize) : -1;
      const from = Math.floor(start / omieSize);
      for (let index = from; index <= last; index += 1) {
        const reading = index === 0 ? first : await readPage(index + 1);
        onProgress?.(index - from + 1, last - from + 1);
        const expected = Math.min(omieSize, first.totalRows - index * omieSize);
        steady &&= reading.rows.length === expected && reading.totalRows === first.totalRows;
        readings.push(reading);
        rows.push(...reading.rows.slice(Math.max(0, start - index * omieSize), Math.max(0, end - index * omieSize)));
      }
      const fetchedAt = [first, ...readings].reduce(
        (oldest, reading) => (reading.fetchedAt < oldest ? reading.fetchedAt : oldest),
        first.fetchedAt,
      );
      const { titles, problems } = selectTitles([{ rows, fetchedAt }], kind, filter, today);
      const reasons = [
        steady ? undefined : 'A lista mudou no Omie entre as páginas lidas. Repita a consulta em um minuto.',
        explainProblems(problems),
        steady && titles.length + problems.length !== rows.length
          ? 'O Omie devolveu registros fora do filtro pedido; eles foram retirados e a contagem total não é exata.'
          : undefined,
      ].filter((reason) => reason !== undefined);
      return {
        titles,
        complete: reasons.length === 0,
        ...(reasons.length > 0 && { reason: reasons.join(' ') }),
        fetchedAt,
        totalKnown: first.totalRows,
        today,
      };
    },
  };
}
