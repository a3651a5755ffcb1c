/** Rows of ListarMovimentos: one shape for four kinds of thing. */
import { omieDate } from '../dates.ts';
import type { BankEntry, ContractForecast, Payment, Title } from '../model.ts';
import { money, type WireObject } from '../wire.ts';
import type { CallContext } from './define-call.ts';
import { natureOf, summaryOf, titleFields } from './title-search.ts';

export type Movement =
  | { kind: 'title'; title: Title }
  | { kind: 'settlement'; title: Title; payment: Payment }
  | { kind: 'entry'; entry: BankEntry }
  | { kind: 'forecast'; forecast: ContractForecast };

/** What the caller may ask to see besides. */
interface Extras {
  cExibirDepartamentos?: 'S' | 'N' | undefined;
  lDadosCad?: boolean | undefined;
}

export function movementRow(movement: Movement, query: Extras, context: CallContext): WireObject {
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

function titleRow(title: Title, query: Extras, context: CallContext): WireObject {
  return {
    // Normally empty here: the split must be read elsewhere.
    categorias: [],
    departamentos: query.cExibirDepartamentos === 'S' ? departmentsOf(title) : undefined,
    detalhes: titleFields(title, context, {
      group: title.kind === 'payable' ? 'CONTA_A_PAGAR' : 'CONTA_A_RECEBER',
      withRegistration: query.lDadosCad === true,
      withNotes: query.lDadosCad === true,
    }),
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
