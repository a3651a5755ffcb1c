/**
 * Which ListarMovimentos queries, together, are sure to bring every title asked for. Three forces pull:
 * the payable and receivable lists have no due-date filter and no balance, so movimentos is the only source; an empty list
 * is an error answer to Omie and ten of them block the method for half an hour, so queries are few and mostly non-empty;
 * and Omie's labels are not to be trusted at the edges (weekends, half-paid titles), so every status query has a date query
 * beside it that covers where the label may lag. Too many rows do no harm: `matchTitle` decides.
 */
import { addDays, daysBetween, earliest, latest, type PlainDate, toOmieDate } from './dates.ts';
import { formatTaxId } from './tax-id.ts';
import type { TitleKind } from './title.ts';
import { isContradictory, type TitleFilter } from './title-filter.ts';

type StatusLabel = 'ATRASADO' | 'PAGTO_PARCIAL' | 'EMABERTO';

/** One ListarMovimentos parameter object, paging apart. */
export type MovementParams = {
  readonly cTpLancamento: 'CP' | 'CR';
  readonly cNatureza: 'P' | 'R';
  readonly cStatus?: StatusLabel;
  readonly dDtVencDe?: string;
  readonly dDtVencAte?: string;
  readonly nCodCliente?: number;
  readonly cCPFCNPJCliente?: string;
};

export interface QueryPlan {
  /** A query by EMABERTO is a safety net: when Omie refuses that filter the others stand without it. */
  readonly queries: readonly MovementParams[];
  /** The one query with the CNPJ/CPF spelt the other way, for when nothing is found: which spelling Omie's filter takes is unknown. */
  readonly otherSpelling?: MovementParams;
  /** Used instead of everything else when Omie refuses a status filter. Absent when no query has one. */
  readonly withoutStatus?: MovementParams;
}

/** Below this span one query by date costs less than several by status. About what Omie advises for a heavy list. */
const SHORT_SPAN_DAYS = 92;
/** How long after the due date a label may still say "vence hoje": a weekend, with carnival or year's end around it. */
const LABEL_LAG_DAYS = 7;

interface Range {
  readonly from?: PlainDate | undefined;
  readonly to?: PlainDate | undefined;
}
type Query = Range & { readonly status?: StatusLabel };

export function planQueries(filter: TitleFilter, kind: TitleKind, today: PlainDate): QueryPlan {
  const asked: Range = { from: filter.dueFrom, to: filter.dueTo };
  const queries = isContradictory(filter) ? [] : chooseQueries(filter, asked, today);
  const toParams = (query: Query): MovementParams => paramsOf(query, filter, kind);
  const { counterparty } = filter;
  const [first] = queries;
  return {
    queries: queries.map(toParams),
    ...(queries.some((query) => query.status !== undefined) && { withoutStatus: toParams(asked) }),
    ...(counterparty !== undefined &&
      'taxId' in counterparty &&
      first !== undefined && { otherSpelling: { ...toParams(first), cCPFCNPJCliente: counterparty.taxId } }),
  };
}

function chooseQueries(filter: TitleFilter, asked: Range, today: PlainDate): Query[] {
  const situation = filter.overdueOnly === true ? 'atrasado' : filter.situation;
  const future = clip({ from: today }, asked);
  switch (situation) {
    case 'atrasado':
      return overdueQueries(filter, asked, today);
    case 'em_aberto':
    case 'parcial':
      return mergeAdjacent([...overdueQueries(filter, asked, today), ...future]);
    case 'vence_hoje':
      return clip({ from: today, to: today }, asked);
    case 'a_vencer':
      return clip({ from: addDays(today, 1) }, asked);
    case 'pago':
    case 'cancelado':
    case undefined:
      return [asked];
  }
}

/**
 * By three labels, since no single one is sure: ATRASADO may lag or leave out half-paid titles, and EMABERTO ("any open")
 * may be refused or answered with nothing. By date alone where that costs little: a short span, or one CNPJ/CPF, whose
 * titles are few and whose spelling may already cost a second query.
 */
function overdueQueries({ counterparty }: TitleFilter, asked: Range, today: PlainDate): Query[] {
  const yesterday = addDays(today, -1);
  const [range] = clip({ to: yesterday }, asked);
  if (range === undefined) return [];
  if (counterparty !== undefined && 'taxId' in counterparty) return [range];
  if (range.from !== undefined && daysBetween(range.from, range.to ?? yesterday) < SHORT_SPAN_DAYS) return [range];
  const lagging = clip({ from: addDays(today, -LABEL_LAG_DAYS), to: yesterday }, range);
  const labels: readonly StatusLabel[] = ['ATRASADO', 'PAGTO_PARCIAL', 'EMABERTO'];
  return [...labels.map((status) => ({ ...range, status })), ...lagging];
}

/** Two date queries that touch cost less as one. */
function mergeAdjacent(queries: readonly Query[]): Query[] {
  const merged: Query[] = [];
  for (const query of queries) {
    const previous = merged.at(-1);
    if (previous !== undefined && isAdjacent(previous, query))
      merged[merged.length - 1] = { ...previous, to: query.to };
    else merged.push(query);
  }
  return merged;
}

function isAdjacent(left: Query, right: Query): boolean {
  if (left.status !== undefined || right.status !== undefined) return false;
  return left.to !== undefined && right.from !== undefined && addDays(left.to, 1) === right.from;
}

/** The part of a range that was asked for: none or one. */
function clip(range: Range, asked: Range): Range[] {
  const from = latest(range.from, asked.from);
  const to = earliest(range.to, asked.to);
  return from !== undefined && to !== undefined && from > to ? [] : [{ from, to }];
}

function paramsOf(query: Query, { counterparty }: TitleFilter, kind: TitleKind): MovementParams {
  return {
    cTpLancamento: kind === 'pagar' ? 'CP' : 'CR',
    cNatureza: kind === 'pagar' ? 'P' : 'R',
    ...(query.status !== undefined && { cStatus: query.status }),
    ...(query.from !== undefined && { dDtVencDe: toOmieDate(query.from) }),
    ...(query.to !== undefined && { dDtVencAte: toOmieDate(query.to) }),
    ...(counterparty !== undefined &&
      ('id' in counterparty ? { nCodCliente: counterparty.id } : { cCPFCNPJCliente: formatTaxId(counterparty.taxId) })),
  };
}
