import { omieDate } from '../dates.ts';
import type { BankEntry } from '../model.ts';
import { freeText, infoOf, money, type WireObject } from '../wire.ts';
import type { CallContext } from './define-call.ts';

export function bankEntryRow(entry: BankEntry, { company, quirks }: CallContext): WireObject {
  const titleId = entry.settlement?.titleId;
  const title = titleId === undefined ? undefined : company.titles.get(titleId);
  const shown = quirks.bankEntrySign === 'signed' ? entry.amount : Math.abs(entry.amount);
  return {
    cCodIntLanc: entry.integrationCode,
    cabecalho: { dDtLanc: omieDate(entry.day), nCodCC: entry.accountId, nValorLanc: money(shown) },
    departamentos: entry.departments.map((share) => ({
      cCodDep: share.code,
      nPerDep: share.percent,
      nValDep: money(Math.abs(share.amount)),
    })),
    detalhes: {
      aCodCateg: entry.categories.map((share) => ({
        cCodCateg: share.code,
        nPerc: share.percent,
        nValor: money(Math.abs(share.amount)),
      })),
      cCodCateg: entry.categories[0]?.code ?? '',
      cNumDoc: freeText(entry.documentNumber),
      cObs: freeText(entry.notes),
      cTipo: entry.type,
      nCodCliente: entry.clientId ?? 0,
      nCodProjeto: entry.projectId ?? 0,
    },
    diversos: {
      cNatureza: entry.amount < 0 ? 'P' : 'R',
      cOrigem: entry.origin,
      dDtConc: entry.reconciledOn === undefined ? '' : omieDate(entry.reconciledOn),
      nCodLancCP: title?.kind === 'payable' ? title.id : 0,
      nCodLancCR: title?.kind === 'receivable' ? title.id : 0,
      nCodVendedor: 0,
    },
    info: infoOf(entry),
    nCodAgrup: 0,
    nCodLanc: entry.id,
    transferencia: { nCodCCDestino: entry.destinationAccountId ?? 0 },
  };
}
