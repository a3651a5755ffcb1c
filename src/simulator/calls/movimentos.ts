/** financas/mf: one list of titles, settlements, bank entries and forecasts. Unfiltered, a paid title shows twice. */
import { z } from 'zod';
import type { Company } from '../company.ts';
import type { BankEntry, ContractForecast, Payment, Title } from '../model.ts';
import { brokenServer } from '../omie-fault.ts';
import { filtersOfSearch } from '../title-status.ts';
import { complexType, flag, int } from './complex-type.ts';
import { type CallContext, defineCall, type SimulatedCall } from './define-call.ts';
import { type Movement, movementRow } from './movement-row.ts';
import { hungarianList } from './paging.ts';
import { hasTaxId, isBetween, statusTest } from './title-filters.ts';
import { matchesSearch, same, sameText, searchFields } from './title-search.ts';

/** Unfiltered pages above this size break the application server now and then. */
const HEAVY_PAGE = 200;

const launchTypes = ['CP', 'CR', 'CPCR', 'BX', 'BXCP', 'BXCR', 'CC', 'CCE', 'CCS', 'CCT', 'PV', 'POS', 'PPV'] as const;

const request = complexType('mfListarRequest', {
  ...searchFields,
  cTpLancamento: z.enum(['', ...launchTypes]),
  cExibirDepartamentos: flag,
  nCodMovCC: int,
});
type Request = z.output<typeof request>;

export const movementCalls: readonly SimulatedCall[] = [
  defineCall({
    service: 'financas/mf',
    name: 'ListarMovimentos',
    input: request,
    acceptsEmptyParameter: true,
    run: (query, context) => {
      if (context.quirks.heavyPageBreaks && (query.nRegPorPagina ?? 0) > HEAVY_PAGE && asksOnlyFor(query, paging))
        throw brokenServer();
      const selected = select(query, context);
      const ordered = query.cOrdemDecrescente === 'S' ? selected.toReversed() : selected;
      return hungarianList('movimentos', ordered, query, (movement) => movementRow(movement, query, context));
    },
  }),
];

const paging = ['nPagina', 'nRegPorPagina', 'cOrdenarPor', 'cOrdemDecrescente'];
const display = [...paging, 'cTpLancamento', 'cExibirDepartamentos', 'lDadosCad'];
const party = ['nCodCliente', 'cCPFCNPJCliente', 'nCodCC', 'cNatureza', 'cCodCateg'];
/** Bank entries and forecasts have few of a title's facts: asked for another one, they are not found. */
const entryFacts = [...display, ...party, 'dDtPagtoDe', 'dDtPagtoAte', 'nCodMovCC'];
const forecastFacts = [
  ...display,
  ...party,
  'dDtVencDe',
  'dDtVencAte',
  'dDtPrevDe',
  'dDtPrevAte',
  'nCodTitulo',
  'nCodCtr',
  'cNumCtr',
];

const asksOnlyFor = (query: Request, keys: readonly string[]): boolean =>
  Object.entries(query).every(
    ([key, value]) => value === undefined || value === '' || value === 0 || keys.includes(key),
  );

function select(query: Request, context: CallContext): readonly Movement[] {
  const hasStatus = statusTest('cStatus', query.cStatus, filtersOfSearch(context.quirks), context);
  const entriesFit = asksOnlyFor(query, entryFacts);
  const forecastsFit = asksOnlyFor(query, forecastFacts);
  return context.company.listing(movementsInOrder).filter((movement) => {
    if (movement.kind === 'entry' && !entriesFit) return false;
    if (movement.kind === 'forecast' && !forecastsFit) return false;
    return isOfType(movement, query.cTpLancamento ?? '') && matches(movement, query, hasStatus, context);
  });
}

function matches(
  movement: Movement,
  query: Request,
  hasStatus: (title: Title) => boolean,
  context: CallContext,
): boolean {
  switch (movement.kind) {
    case 'title':
      return (
        query.nCodMovCC === undefined && matchesSearch(movement.title, query, context) && hasStatus(movement.title)
      );
    case 'settlement':
      return matchesSettlement(movement.title, movement.payment, query, context) && hasStatus(movement.title);
    case 'entry':
      return matchesEntry(movement.entry, query, context);
    case 'forecast':
      return matchesForecast(movement.forecast, query, context);
  }
}

/** Titles by id, each followed by its settlements; then loose bank entries; then forecasts. */
function movementsInOrder(company: Company): readonly Movement[] {
  const movements: Movement[] = [];
  const titles = [...company.titles.values()].sort((left, right) => left.id - right.id);
  for (const title of titles) {
    movements.push({ kind: 'title', title });
    if (title.cancelled !== undefined) continue;
    for (const payment of title.payments) movements.push({ kind: 'settlement', title, payment });
  }
  for (const entry of company.bankEntries.values()) {
    if (!entry.settlement) movements.push({ kind: 'entry', entry });
  }
  for (const forecast of company.forecasts) movements.push({ kind: 'forecast', forecast });
  return movements;
}

function isOfType(movement: Movement, type: '' | (typeof launchTypes)[number]): boolean {
  if (type === '') return true;
  switch (movement.kind) {
    case 'title':
      return type === 'CPCR' || type === (movement.title.kind === 'payable' ? 'CP' : 'CR');
    case 'settlement':
      return type === 'BX' || type === (movement.title.kind === 'payable' ? 'BXCP' : 'BXCR');
    case 'entry':
      if (type === 'CCT') return movement.entry.destinationAccountId !== undefined;
      return type === 'CC' || type === (movement.entry.amount < 0 ? 'CCS' : 'CCE');
    case 'forecast':
      return type === 'PV';
  }
}

/** A settlement is found by its title's facts, but by its own payment date and account. */
function matchesSettlement(title: Title, payment: Payment, query: Request, context: CallContext): boolean {
  const { nCodCC, dDtPagtoDe, dDtPagtoAte, ...rest } = query;
  return (
    matchesSearch(title, rest, context) &&
    isBetween(payment.day, dDtPagtoDe, dDtPagtoAte) &&
    same(nCodCC, payment.accountId) &&
    same(query.nCodMovCC, payment.bankEntryId)
  );
}

function matchesEntry(entry: BankEntry, query: Request, context: CallContext): boolean {
  return (
    isBetween(entry.day, query.dDtPagtoDe, query.dDtPagtoAte) &&
    same(query.nCodCC, entry.accountId) &&
    same(query.nCodCliente, entry.clientId) &&
    hasTaxId(context, entry.clientId, query.cCPFCNPJCliente) &&
    same(query.nCodMovCC, entry.id) &&
    (!query.cNatureza || (query.cNatureza === 'P') === entry.amount < 0) &&
    (!query.cCodCateg || entry.categories.some((share) => share.code === query.cCodCateg))
  );
}

function matchesForecast(forecast: ContractForecast, query: Request, context: CallContext): boolean {
  return (
    isBetween(forecast.due, query.dDtVencDe, query.dDtVencAte) &&
    isBetween(forecast.due, query.dDtPrevDe, query.dDtPrevAte) &&
    same(query.nCodTitulo, forecast.id) &&
    same(query.nCodCliente, forecast.clientId) &&
    same(query.nCodCtr, forecast.contractId) &&
    sameText(query.cNumCtr, forecast.contractNumber) &&
    same(query.nCodCC, forecast.accountId) &&
    hasTaxId(context, forecast.clientId, query.cCPFCNPJCliente) &&
    query.cNatureza !== 'P' &&
    (!query.cCodCateg || query.cCodCateg === forecast.category)
  );
}
