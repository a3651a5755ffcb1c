/**
 * Reads the titles a filter asks for: plans the queries, walks them one after the other within a page budget, merges them by
 * id and re-checks every row. What could not be read is said in `reason`; nothing is ever silently short.
 */

import type { CompanyCredentials } from '../../companies/company.ts';
import { AppError } from '../../errors.ts';
import { type Clock, type PlainDate, todayInSaoPaulo } from '../../finance/dates.ts';
import { type MovementParams, planQueries, type QueryPlan } from '../../finance/query-plan.ts';
import type { Title, TitleKind, TitleProblem, WireMovement } from '../../finance/title.ts';
import { matchTitle, needsLocalStatus, type TitleFilter } from '../../finance/title-filter.ts';
import { byDueDate } from '../../finance/totals.ts';
import { listarMovimentos } from '../../omie/calls/movimentos.ts';
import type { ListReading, OmieClient } from '../../omie/omie-client.ts';
import type { StopSignal } from '../../stop-signal.ts';
import { companyKey } from '../company-key.ts';
import { startQuestion, type TimeLeft } from '../question-time.ts';
import { explainReading } from '../reading-reason.ts';
import { explainProblems, mergeReadings } from './merge-readings.ts';

export const DEFAULT_PAGE_BUDGET = 40;
const NARROW_BY = 'vencimento_de e vencimento_ate ou por contraparte';

export interface TitleReaderOptions {
  readonly omie: OmieClient;
  readonly clock: Clock;
  /** Pages of Omie that one question may cost; at Omie's pace about a dozen seconds for the default of 40. */
  readonly pageBudget?: number;
}

export interface ReadTitlesOptions {
  readonly signal?: StopSignal | undefined;
  /** Pages read so far, of how many where known. */
  readonly onProgress?: ((done: number, total: number | undefined) => void) | undefined;
  /** Shared by all that one question reads; a question of its own when left out. */
  readonly timeLeft?: TimeLeft | undefined;
}

export interface TitleReading {
  /** All titles found that the filter accepts, by due date. */
  readonly titles: readonly Title[];
  /** True only when `titles` is everything Omie has of what was asked. */
  readonly complete: boolean;
  /** Portuguese; present exactly when not complete. */
  readonly reason?: string;
  /** When the oldest row left Omie. */
  readonly fetchedAt: Date;
  /** How many titles the filter has in all: exact, Omie's own count, or undefined when nobody knows. */
  readonly totalKnown: number | undefined;
  /** The day by which titles were judged. */
  readonly today: PlainDate;
}

export interface TitleReader {
  /** Throws `AppError`s for what Omie refuses or fails; a fault in the middle of a walk is an error, not a short list. */
  read(
    company: CompanyCredentials,
    kind: TitleKind,
    filter: TitleFilter,
    options?: ReadTitlesOptions,
  ): Promise<TitleReading>;
}

type MovementReading = ListReading<WireMovement>;
interface Walk {
  readonly readings: readonly MovementReading[];
  /** Why the walk stopped or a list in it is not whole. */
  readonly reasons: readonly string[];
}

export function createTitleReader({ omie, clock, pageBudget = DEFAULT_PAGE_BUDGET }: TitleReaderOptions): TitleReader {
  /** Companies for which Omie refused EMABERTO: each refusal counts toward its block, so nobody asks twice. */
  const refusesOpenLabel = new Set<string>();

  async function walk(
    company: CompanyCredentials,
    queries: readonly MovementParams[],
    { signal, onProgress }: ReadTitlesOptions,
    timeLeft: TimeLeft,
  ): Promise<Walk> {
    const readings: MovementReading[] = [];
    const reasons = new Set<string>();
    let pagesRead = 0;
    // One after the other: Omie refuses parallel calls of one method, and the budget is shared.
    for (const [index, params] of queries.entries()) {
      const before = pagesRead;
      const isLast = index === queries.length - 1;
      if (before >= pageBudget) {
        reasons.add(overBudget(pageBudget));
        break;
      }
      const isSafetyNet = params.cStatus === 'EMABERTO';
      if (isSafetyNet && refusesOpenLabel.has(companyKey(company))) continue;
      let reading: MovementReading;
      try {
        reading = await omie.readList(company, listarMovimentos, params, {
          signal,
          timeoutMs: timeLeft(),
          pageBudget: pageBudget - before,
          onPage: (read, total) => onProgress?.(before + read, isLast ? before + total : undefined),
        });
      } catch (thrown) {
        if (!isSafetyNet || !isRefusal(thrown)) throw thrown;
        refusesOpenLabel.add(companyKey(company));
        pagesRead += 1;
        continue;
      }
      readings.push(reading);
      pagesRead += Math.max(1, reading.pagesRead);
      const reason = explainReading(reading, pageBudget, NARROW_BY);
      if (reason !== undefined) reasons.add(reason);
    }
    return { readings, reasons: [...reasons] };
  }

  /** Omie refuses a status it does not know (fault 105): then the dates alone must do, and our own rules decide. */
  async function walkPlan(
    company: CompanyCredentials,
    plan: QueryPlan,
    options: ReadTitlesOptions,
    timeLeft: TimeLeft,
  ): Promise<Walk> {
    try {
      return await walk(company, plan.queries, options, timeLeft);
    } catch (thrown) {
      if (!isRefusal(thrown) || plan.withoutStatus === undefined) throw thrown;
      return walk(company, [plan.withoutStatus], options, timeLeft);
    }
  }

  /** An empty answer for a CNPJ/CPF may only mean that Omie spells it otherwise: it counts when both spellings found nothing. */
  async function walkBothSpellings(
    company: CompanyCredentials,
    plan: QueryPlan,
    options: ReadTitlesOptions,
  ): Promise<Walk> {
    const timeLeft = options.timeLeft ?? startQuestion();
    const first = await walkPlan(company, plan, options, timeLeft);
    const found = first.readings.some((reading) => reading.rows.length > 0);
    if (found || plan.otherSpelling === undefined) return first;
    const second = await walk(company, [plan.otherSpelling], options, timeLeft);
    return {
      readings: second.readings,
      reasons: [...new Set([...first.reasons, ...second.reasons])],
    };
  }

  return {
    async read(company, kind, filter, options = {}) {
      const startedAt = clock.now();
      const today = todayInSaoPaulo({ now: () => startedAt });
      const { readings, reasons } = await walkBothSpellings(company, planQueries(filter, kind, today), options);
      const { titles, problems } = selectTitles(readings, kind, filter, today);
      const why = [...reasons, explainProblems(problems)].filter((reason) => reason !== undefined);
      const complete = why.length === 0;
      const instants = readings.map((reading) => reading.fetchedAt.getTime());
      const fetchedAt = instants.length === 0 ? startedAt : new Date(Math.min(...instants));
      const [only] = readings;
      const omieCount = readings.length === 1 && !needsLocalStatus(filter) ? only?.totalRows : undefined;
      return {
        titles,
        complete,
        ...(!complete && { reason: why.join(' ') }),
        fetchedAt,
        totalKnown: complete ? titles.length : omieCount,
        today,
      };
    },
  };
}

/** Rows as titles that the filter accepts, in order; a title that lacks what was asked about is a problem, not a "no". */
export function selectTitles(
  readings: readonly Pick<MovementReading, 'rows' | 'fetchedAt'>[],
  kind: TitleKind,
  filter: TitleFilter,
  today: PlainDate,
): { titles: Title[]; problems: TitleProblem[] } {
  const merged = mergeReadings(readings, kind, today);
  const titles: Title[] = [];
  const problems = [...merged.problems];
  for (const title of merged.titles) {
    const match = matchTitle(title, filter, today);
    if (match === 'in') titles.push(title);
    if (match === 'unknown') problems.push({ id: title.id, field: 'contraparte' });
  }
  return { titles: titles.sort(byDueDate), problems };
}

const isRefusal = (thrown: unknown): boolean => thrown instanceof AppError && thrown.code === 'omie_falha';

const overBudget = (pageBudget: number): string =>
  explainReading({ complete: false, reason: 'orcamento_de_paginas', totalPages: 0 }, pageBudget, NARROW_BY) ?? '';
