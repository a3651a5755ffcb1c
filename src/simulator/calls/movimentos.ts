/** financas/mf: one list of titles, settlements, bank entries and forecasts. Unfiltered, a paid title shows twice. */
import { z } from 'zod';
import type { Company } from '../company.ts';
import { omieDate } from '../dates.ts';
import type { BankEntry, ContractForecast, Payment, Title } from '../model.ts';
import { brokenServer } from '../omie-fault.ts';
import { filtersOfSearch } from '../title-status.ts';
import { freeText, money, type WireObject } from '../wire.ts';
import { complexType, flag, int } from './complex-type.ts';
import { type CallContext, defineCall, type SimulatedCall } from './define-call.ts';
import { hungarianList } from './paging.ts';
import { hasTaxId, isBetween, statusTest } from './title-filters.ts';
import { matchesSearch, natureOf, same, searchFields, summaryOf, titleFields } from './title-search.ts';

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

type Movement =
  | { kind: 'title'; title: Title }
  | { kind: 'settlement'; title: Title; payment: Payment }
  | { kind: 'entry'; entry: BankEntry }
  | { kind: 'forecast'; forecast: ContractForecast };

export const movementCalls: readonly SimulatedCall[] = [
  defineCall({
    service: 'financas/mf',
    name: 'ListarMovimentos',
    input: request,
    acceptsEmptyParameter: true,
    run: (query, context) => {
      if (context.quirks.heavyPageBreaks && (query.nRegPorPagina ?? 0) > HEAVY_PAGE && !isNarrowed(query))
        throw brokenServer();
      const selected = select(query, context);
      const ordered = query.cOrdemDecrescente === 'S' ? selected.toReversed() : selected;
      return hungarianList('movimentos', ordered, query, (movement) => rowOf(movement, query, context));
    },
  }),
];

function isNarrowed(query: Request): boolean {
  return Object.entries(query).some(
    ([key, value]) =>
      !['nPagina', 'nRegPorPagina', 'cOrdenarPor', 'cOrdemDecrescente'].includes(key) && value !== undefined,
  );
}

function select(query: Request, context: CallContext): readonly Movement[] {
  const hasStatus = statusTest('cStatus', query.cStatus, filtersOfSearch(context.quirks), context);
  return context.company
    .listing(movementsInOrder)
    .filter(
      (movement) => isOfType(movement, query.cTpLancamento ?? '') && matches(movement, query, hasStatus, context),
    );
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
      return !query.cStatus && matchesEntry(movement.entry, query, context);
    case 'forecast':
      return !query.cStatus && matchesForecast(movement.forecast, query, context);
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
  const usesTitleFacts =
    query.nCodTitulo ?? query.dDtVencDe ?? query.dDtVencAte ?? query.cNumDocFiscal ?? query.cCodIntTitulo;
  return (
    usesTitleFacts === undefined &&
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
    query.dDtPagtoDe === undefined &&
    query.dDtPagtoAte === undefined &&
    query.nCodMovCC === undefined &&
    isBetween(forecast.due, query.dDtVencDe, query.dDtVencAte) &&
    same(query.nCodTitulo, forecast.id) &&
    same(query.nCodCliente, forecast.clientId) &&
    same(query.nCodCtr, forecast.contractId) &&
    hasTaxId(context, forecast.clientId, query.cCPFCNPJCliente) &&
    query.cNatureza !== 'P' &&
    (!query.cCodCateg || query.cCodCateg === forecast.category)
  );
}

function rowOf(movement: Movement, query: Request, context: CallContext): WireObject {
  switch (movement.kind) {
    case 'title':
      return titleRow(movement.title, query, context);
    case 'settlement':
      return settlementRow(movement.title, movement.payment, context);
    case 'entry':
      return entryRow(movement.entry);
    case 'forecast':
      return forecastRow(movement.forecast, context);
  }
}

function titleRow(title: Title, query: Request, context: CallContext): WireObject {
  return {
    // Normally empty here: the split must be read elsewhere.
    categorias: [],
    ...(query.cExibirDepartamentos === 'S' && { departamentos: departmentsOf(title) }),
    detalhes: {
      ...titleFields(title, context),
      cGrupo: title.kind === 'payable' ? 'CONTA_A_PAGAR' : 'CONTA_A_RECEBER',
      ...(query.lDadosCad === true && {
        cHrAlt: title.changed.time,
        cHrInc: title.created.time,
        cUsAlt: title.changed.user,
        cUsInc: title.created.user,
        dDtAlt: omieDate(title.changed.day),
        dDtInc: omieDate(title.created.day),
        observacao: freeText(title.notes ?? ''),
      }),
    },
    resumo: summaryOf(title, context.quirks),
  };
}

export function departmentsOf(title: Title): WireObject[] {
  return title.departments.map((share) => ({
    cCodDepartamento: share.code,
    nDistrPercentual: share.percent,
    nDistrValor: money(share.amount),
    nValorFixo: 'N',
  }));
}

/** The bank leg repeats the title's id AND its whole summary: whoever adds both counts twice. */
function settlementRow(title: Title, payment: Payment, { quirks }: CallContext): WireObject {
  const cash = payment.principal - payment.discount + payment.interest + payment.fine;
  return {
    categorias: [],
    detalhes: {
      cCodCateg: title.categories[0]?.code ?? '',
      cGrupo: title.kind === 'payable' ? 'CONTA_CORRENTE_PAG' : 'CONTA_CORRENTE_REC',
      cNatureza: natureOf(title),
      cOrigem: title.kind === 'payable' ? 'BAXP' : 'BAXR',
      dDtConcilia: payment.reconciled ? omieDate(payment.day) : undefined,
      dDtPagamento: omieDate(payment.day),
      nCodBaixa: payment.id,
      nCodCC: payment.accountId,
      nCodCliente: title.clientId,
      nCodMovCC: payment.bankEntryId,
      nCodTitulo: title.id,
      nDesconto: money(payment.discount),
      nJuros: money(payment.interest),
      nMulta: money(payment.fine),
      nValorMovCC: money(cash),
    },
    resumo: summaryOf(title, quirks),
  };
}

function entryRow(entry: BankEntry): WireObject {
  const value = money(Math.abs(entry.amount));
  return {
    categorias: [],
    detalhes: {
      cCodCateg: entry.categories[0]?.code ?? '',
      cGrupo: entry.amount < 0 ? 'CONTA_CORRENTE_PAG' : 'CONTA_CORRENTE_REC',
      cNatureza: entry.amount < 0 ? 'P' : 'R',
      cOrigem: entry.origin,
      cTipo: entry.type,
      dDtPagamento: omieDate(entry.day),
      nCodCC: entry.accountId,
      nCodCliente: entry.clientId,
      nCodMovCC: entry.id,
      nCodTitulo: entry.id,
      nValorMovCC: value,
    },
    resumo: { cLiquidado: 'S', nDesconto: 0, nJuros: 0, nMulta: 0, nValAberto: 0, nValLiquido: value, nValPago: value },
  };
}

function forecastRow(forecast: ContractForecast, { company }: CallContext): WireObject {
  return {
    categorias: [],
    detalhes: {
      cCPFCNPJCliente: company.clients.get(forecast.clientId)?.taxId ?? '',
      cCodCateg: forecast.category,
      cGrupo: 'PREVISAO_CONTRATO',
      cNatureza: 'R',
      cNumCtr: forecast.contractNumber,
      cStatus: 'PREVISAO',
      dDtPrevisao: omieDate(forecast.due),
      dDtVenc: omieDate(forecast.due),
      nCodCC: forecast.accountId,
      nCodCliente: forecast.clientId,
      nCodCtr: forecast.contractId,
      nCodTitulo: forecast.id,
    },
    resumo: { nValLiquido: money(forecast.amount) },
  };
}
