import { settlementOf } from '../balance.ts';
import { omieDate } from '../dates.ts';
import type { Centavos, Title } from '../model.ts';
import { freeText, money, type WireObject, flag as yesNo } from '../wire.ts';
import type { CallContext } from './define-call.ts';

export function overdueRow(title: Title, context: CallContext): WireObject {
  return {
    ...partyAndValue(title, context),
    ...categoryOf(title, context),
    cCor: '#FF0000',
    cIcone: 'icon',
    cSituacao: `Atrasado desde ${omieDate(title.due)}`,
    cUrlLogoBanco: '',
    nDiasAtraso: context.today - title.due,
  };
}

/** nDiasAtraso is 0 here even for overdue days, as seen on the wire. */
export function openRow(title: Title, context: CallContext): WireObject {
  return {
    ...partyAndValue(title, context),
    ...categoryOf(title, context),
    cBolGerado: yesNo(title.boleto !== undefined),
    cBolPodeGerar: yesNo(title.boleto === undefined && title.kind === 'receivable'),
    cPixGerado: 'N',
    cPixPodeGerar: yesNo(title.kind === 'receivable'),
    cSituacao: title.due < context.today ? `Atrasado desde ${omieDate(title.due)}` : `Vence em ${omieDate(title.due)}`,
    dPrevisao: omieDate(title.expected),
    nDiasAtraso: 0,
    nQtdeAnexos: 0,
    nQtdeTarefas: 0,
  };
}

export function financeRow(title: Title, context: CallContext): WireObject {
  return {
    ...partyAndValue(title, context),
    cNomeConta: freeText(context.company.accounts.get(title.accountId)?.description ?? ''),
    cNumDocumento: freeText(title.documentNumber),
    cNumDocumentoFiscal: title.fiscalNumber,
    dPrevisao: omieDate(title.expected),
    nIdConta: title.accountId,
  };
}

export function detailRow(title: Title, context: CallContext): WireObject {
  const { boleto } = title;
  return {
    ...openRow(title, context),
    cDescCtaCorr: freeText(context.company.accounts.get(title.accountId)?.description ?? ''),
    cTipoLanc: title.kind === 'payable' ? 'P' : 'R',
    listaAnexos: [],
    nDiasAtraso: Math.max(0, context.today - title.due),
    ...(boleto && {
      boletoInfo: {
        cCodBarras: boleto.barcode,
        cLinkBoleto: `https://boleto.exemplo.com.br/${boleto.bankNumber}`,
        cNumBancario: boleto.bankNumber,
        cNumBoleto: boleto.number,
        dEmissao: omieDate(boleto.issued),
        dVencimento: omieDate(title.due),
        nPerJuros: boleto.interestPercent,
        nPerMulta: boleto.finePercent,
      },
    }),
  };
}

/** Titles due today, summed by their first category. */
export function categorySums(titles: readonly Title[], context: CallContext): WireObject[] {
  const sums = new Map<string, { count: number; open: Centavos }>();
  for (const title of titles) {
    if (title.due !== context.today) continue;
    const code = title.categories[0]?.code ?? '';
    const sum = sums.get(code) ?? { count: 0, open: 0 };
    sums.set(code, { count: sum.count + 1, open: sum.open + settlementOf(title).open });
  }
  return [...sums].map(([code, sum]) => ({
    cCodCateg: code,
    cCor: '#000000',
    cDescCateg: freeText(context.company.categories.get(code)?.description ?? ''),
    cIcone: 'icon',
    nTotal: sum.count,
    vTotal: money(sum.open),
  }));
}

function partyAndValue(title: Title, { company }: CallContext): WireObject {
  return {
    cNomeCliente: freeText(company.clients.get(title.clientId)?.tradeName ?? ''),
    dEmissao: omieDate(title.issued),
    dVencimento: omieDate(title.due),
    nIdCliente: title.clientId,
    nIdTitulo: title.id,
    vDoc: money(settlementOf(title).open),
  };
}

function categoryOf(title: Title, { company }: CallContext): WireObject {
  const code = title.categories[0]?.code ?? '';
  return { cCodCateg: code, cDescCateg: freeText(company.categories.get(code)?.description ?? '') };
}
