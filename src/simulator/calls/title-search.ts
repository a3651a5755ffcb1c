/** Filters that ListarMovimentos and PesquisarLancamentos share, and the fields their rows share. */

import { z } from 'zod';
import { type Settlement, settlementOf } from '../balance.ts';
import { omieDate } from '../dates.ts';
import type { TaxLine, Title } from '../model.ts';
import type { Quirks } from '../quirks.ts';
import { searchStatus } from '../title-status.ts';
import { freeText, money, type WireObject, flag as yesNo } from '../wire.ts';
import { bool, date, flag, int, str } from './complex-type.ts';
import type { CallContext } from './define-call.ts';
import { hungarianPage } from './paging.ts';
import { hasTaxId, isBetween } from './title-filters.ts';

export const searchFields = {
  ...hungarianPage,
  cOrdenarPor: z.enum(['CODIGO', 'CODIGO_INTEGRACAO']),
  cOrdemDecrescente: flag,
  nCodTitulo: int,
  cCodIntTitulo: str,
  cNumTitulo: str,
  dDtEmisDe: date,
  dDtEmisAte: date,
  dDtVencDe: date,
  dDtVencAte: date,
  dDtPagtoDe: date,
  dDtPagtoAte: date,
  dDtPrevDe: date,
  dDtPrevAte: date,
  dDtRegDe: date,
  dDtRegAte: date,
  nCodCliente: int,
  cCPFCNPJCliente: str,
  nCodCtr: int,
  cNumCtr: str,
  nCodOS: int,
  cNumOS: str,
  nCodCC: int,
  cStatus: str.max(100),
  cNatureza: z.enum(['P', 'R', '']),
  cTipo: str,
  cOperacao: str,
  cNumDocFiscal: str,
  cCodigoBarras: str,
  nCodProjeto: int,
  nCodVendedor: int,
  nCodComprador: int,
  cCodCateg: str.max(20),
  dDtIncDe: date,
  dDtIncAte: date,
  dDtAltDe: date,
  dDtAltAte: date,
  lDadosCad: bool,
};

const searchShape = z.object(searchFields).partial();
export type SearchRequest = z.output<typeof searchShape>;

/** Any payment in the window counts, not only the last. */
export function matchesSearch(title: Title, request: SearchRequest, context: CallContext): boolean {
  return (
    same(request.nCodTitulo, title.id) &&
    sameText(request.cCodIntTitulo, title.integrationCode) &&
    sameText(request.cNumTitulo, title.documentNumber) &&
    isBetween(title.issued, request.dDtEmisDe, request.dDtEmisAte) &&
    isBetween(title.due, request.dDtVencDe, request.dDtVencAte) &&
    isBetween(title.expected, request.dDtPrevDe, request.dDtPrevAte) &&
    isBetween(title.registered, request.dDtRegDe, request.dDtRegAte) &&
    isBetween(title.created.day, request.dDtIncDe, request.dDtIncAte) &&
    isBetween(title.changed.day, request.dDtAltDe, request.dDtAltAte) &&
    paidInWindow(title, request) &&
    same(request.nCodCliente, title.clientId) &&
    hasTaxId(context, title.clientId, request.cCPFCNPJCliente) &&
    same(request.nCodCC, title.accountId) &&
    (!request.cNatureza || request.cNatureza === natureOf(title)) &&
    sameText(request.cTipo, title.documentType) &&
    sameText(request.cOperacao, title.operation) &&
    sameText(request.cNumDocFiscal, title.fiscalNumber) &&
    sameText(request.cCodigoBarras, title.barcode) &&
    same(request.nCodProjeto, title.projectId) &&
    same(request.nCodVendedor, title.sellerId) &&
    same(request.nCodCtr, undefined) &&
    same(request.nCodOS, undefined) &&
    same(request.nCodComprador, undefined) &&
    sameText(request.cNumCtr, '') &&
    sameText(request.cNumOS, '') &&
    (!request.cCodCateg || title.categories.some((share) => share.code === request.cCodCateg))
  );
}

export const natureOf = (title: Title): 'P' | 'R' => (title.kind === 'payable' ? 'P' : 'R');

/** What `detalhes` and `cabecTitulo` have in common, and what only one of them shows. */
export function titleFields(title: Title, { company, today, quirks }: CallContext, extras: TitleExtras): WireObject {
  const { created, changed, taxes: lines } = title;
  const { lastPayment } = settlementOf(title);
  const dated = extras.withRegistration;
  return {
    aCodCateg: extras.categories,
    cCPFCNPJCliente: company.clients.get(title.clientId)?.taxId ?? '',
    cCodCateg: title.categories[0]?.code ?? '',
    cCodIntTitulo: title.integrationCode === '' ? undefined : title.integrationCode,
    cCodProjeto: title.projectId,
    cCodigoBarras: title.barcode,
    cGrupo: extras.group,
    cHrAlt: dated ? changed.time : undefined,
    cHrInc: dated ? created.time : undefined,
    cNatureza: natureOf(title),
    cNumBoleto: title.boleto?.number ?? '',
    cNumDocFiscal: title.fiscalNumber,
    cNumOS: '',
    cNumParcela: title.installment,
    cNumTitulo: freeText(title.documentNumber),
    cOperacao: title.operation,
    cOrigem: title.origin,
    cRetCOFINS: retained(lines.cofins),
    cRetCSLL: retained(lines.csll),
    cRetINSS: retained(lines.inss),
    cRetIR: retained(lines.ir),
    cRetISS: retained(lines.iss),
    cRetPIS: retained(lines.pis),
    cStatus: searchStatus(title, today, quirks),
    cTipo: title.documentType,
    cUsAlt: dated ? changed.user : undefined,
    cUsInc: dated ? created.user : undefined,
    dDtAlt: dated ? omieDate(changed.day) : undefined,
    dDtCanc: extras.withCancellation && title.cancelled !== undefined ? omieDate(title.cancelled) : undefined,
    dDtEmissao: omieDate(title.issued),
    dDtInc: dated ? omieDate(created.day) : undefined,
    dDtPagamento: lastPayment === undefined ? undefined : omieDate(lastPayment),
    dDtPrevisao: omieDate(title.expected),
    dDtRegistro: omieDate(title.registered),
    dDtVenc: omieDate(title.due),
    departamentos: extras.departments,
    info: extras.info,
    nCodCC: title.accountId,
    nCodCliente: title.clientId,
    nCodNF: 0,
    nCodOS: 0,
    nCodTitRepet: title.id,
    nCodTitulo: title.id,
    nValorCOFINS: taxValue(lines.cofins),
    nValorCSLL: taxValue(lines.csll),
    nValorINSS: taxValue(lines.inss),
    nValorIR: taxValue(lines.ir),
    nValorISS: taxValue(lines.iss),
    nValorPIS: taxValue(lines.pis),
    nValorTitulo: money(title.amount),
    observacao: extras.withNotes ? freeText(title.notes ?? '') : undefined,
  };
}

export interface TitleExtras {
  group?: string;
  categories?: readonly WireObject[];
  departments?: readonly WireObject[];
  info?: WireObject;
  withRegistration?: boolean;
  withCancellation?: boolean;
  withNotes?: boolean;
}

const retained = (line: TaxLine | undefined): string | undefined =>
  line === undefined ? undefined : yesNo(line.withheld);
const taxValue = (line: TaxLine | undefined): number | undefined =>
  line === undefined ? undefined : money(line.amount);

export function summaryOf(title: Title, quirks: Quirks): WireObject {
  const settlement = settlementOf(title);
  return {
    cLiquidado: yesNo(settlement.settled >= settlement.owed),
    nDesconto: money(settlement.discount),
    nJuros: money(settlement.interest),
    nMulta: money(settlement.fine),
    nValAberto: money(settlement.settled === 0 && quirks.unpaidOpenValue === 'zero' ? 0 : settlement.open),
    nValLiquido: money(netValue(settlement, quirks)),
    nValPago: money(quirks.discountInsidePaid ? settlement.settled : settlement.settled - settlement.discount),
  };
}

function netValue(settlement: Settlement, quirks: Quirks): number {
  if (settlement.settled === 0 && quirks.unpaidNetValue === 'value') return settlement.owed;
  return settlement.cash;
}

function paidInWindow(title: Title, request: SearchRequest): boolean {
  if (request.dDtPagtoDe === undefined && request.dDtPagtoAte === undefined) return true;
  return title.payments.some((payment) => isBetween(payment.day, request.dDtPagtoDe, request.dDtPagtoAte));
}

export const same = (wanted: number | undefined, actual: number | undefined): boolean =>
  wanted === undefined || wanted === 0 || wanted === actual;

export const sameText = (wanted: string | undefined, actual: string): boolean => !wanted || wanted === actual;
