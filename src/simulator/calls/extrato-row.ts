/** Statement rows. The origin is told in words here, not by the four-letter code of every other service. */

import { settlementOf } from '../balance.ts';
import { omieDate } from '../dates.ts';
import type { BankEntry, Title } from '../model.ts';
import { freeText, money, type WireObject } from '../wire.ts';
import type { CallContext } from './define-call.ts';

/** Ids of a statement are its own: a planned row does not carry its title's. */
const PLANNED_ID_SHIFT = 3_000_000;

export function entryRow(entry: BankEntry, context: CallContext): WireObject {
  const title = entry.settlement === undefined ? undefined : context.company.titles.get(entry.settlement.titleId);
  return {
    ...partyFields(entry.clientId, context),
    ...categoryFields(entry.categories[0]?.code ?? '', context),
    cDataInclusao: omieDate(entry.created.day),
    cDocumentoFiscal: title?.fiscalNumber ?? '',
    cHoraInclusao: entry.created.time,
    cNatureza: entry.amount < 0 ? 'P' : 'R',
    cNumero: freeText(entry.documentNumber),
    cObservacoes: freeText(entry.notes),
    cOrigem: originInWords(entry),
    cParcela: title?.installment ?? '',
    cSituacao: entry.reconciledOn === undefined ? 'Não conciliado' : 'Conciliado',
    cTipoDocumento: entry.type,
    dDataConciliacao: entry.reconciledOn === undefined ? '' : omieDate(entry.reconciledOn),
    dDataLancamento: omieDate(entry.day),
    nCodLancRelac: 0,
    nCodLancamento: entry.id,
    nValorDocumento: money(entry.amount),
  };
}

export function plannedRow(title: Title, context: CallContext): WireObject {
  const { open } = settlementOf(title);
  return {
    ...partyFields(title.clientId, context),
    ...categoryFields(title.categories[0]?.code ?? '', context),
    cDocumentoFiscal: title.fiscalNumber,
    cNatureza: title.kind === 'payable' ? 'P' : 'R',
    cNumero: freeText(title.documentNumber),
    cOrigem: title.kind === 'payable' ? 'Conta a Pagar' : 'Conta a Receber',
    cParcela: title.installment,
    cSituacao: 'Previsto',
    cTipoDocumento: title.documentType,
    dDataLancamento: omieDate(title.expected),
    nCodLancamento: title.id + PLANNED_ID_SHIFT,
    nValorDocumento: money(title.kind === 'payable' ? -open : open),
  };
}

function partyFields(clientId: number | undefined, { company }: CallContext): WireObject {
  const client = clientId === undefined ? undefined : company.clients.get(clientId);
  if (!client) return { cDesCliente: '' };
  return {
    cDesCliente: freeText(client.tradeName),
    cDocCliente: client.taxId,
    cRazCliente: freeText(client.legalName),
    nCodCliente: client.id,
  };
}

function categoryFields(code: string, { company }: CallContext): WireObject {
  return { cCodCategoria: code, cDesCategoria: freeText(company.categories.get(code)?.description ?? '') };
}

function originInWords(entry: BankEntry): string {
  switch (entry.origin) {
    case 'BAXP':
      return 'Conta Paga';
    case 'BAXR':
      return 'Conta Recebida';
    case 'TRAP':
    case 'TRAR':
      return 'Transferência';
    default:
      return 'Lançamento Manual';
  }
}
