/** A title as the payable and receivable lists write it: no payment date, no balance, no counterparty name. */
import { settlementOf } from '../balance.ts';
import { omieDate } from '../dates.ts';
import { type Title, taxes } from '../model.ts';
import { listStatus } from '../title-status.ts';
import { flag, freeText, infoOf, money, type WireObject } from '../wire.ts';
import type { CallContext } from './define-call.ts';

export function payableRow(title: Title, context: CallContext, withNotes: boolean): WireObject {
  return {
    ...commonFields(title, context, withNotes),
    cnab_integracao_bancaria: { codigo_forma_pagamento: title.documentType === 'BOL' ? 'BOL' : '' },
    data_entrada: omieDate(title.registered),
    ...(showsAmountToPay(title, context) && { valor_pag: money(settlementOf(title).owed) }),
  };
}

export function receivableRow(title: Title, context: CallContext, withNotes: boolean): WireObject {
  const { boleto } = title;
  return {
    ...commonFields(title, context, withNotes),
    bloqueado: 'N',
    boleto: boleto
      ? {
          cGerado: 'S',
          cNumBancario: boleto.bankNumber,
          cNumBoleto: boleto.number,
          dDtEmBol: omieDate(boleto.issued),
          nPerJuros: boleto.interestPercent,
          nPerMulta: boleto.finePercent,
        }
      : { cGerado: 'N', cNumBancario: '', cNumBoleto: '', dDtEmBol: '', nPerJuros: 0, nPerMulta: 0 },
    chave_nfe: title.invoiceKey ?? '',
    data_registro: omieDate(title.registered),
    nCodPedido: title.orderId,
    numero_pedido: title.orderNumber,
    operacao: title.operation,
    tipo_agrupamento: 'I',
  };
}

function commonFields(title: Title, { company, today, quirks }: CallContext, withNotes: boolean): WireObject {
  return {
    categorias: title.categories.map((share) => ({
      codigo_categoria: share.code,
      percentual: share.percent,
      valor: money(share.amount),
    })),
    codigo_categoria: title.categories[0]?.code ?? '',
    codigo_cliente_fornecedor: title.clientId,
    codigo_lancamento_integracao: title.integrationCode,
    codigo_lancamento_omie: title.id,
    codigo_projeto: title.projectId,
    codigo_tipo_documento: title.documentType,
    codigo_vendedor: title.sellerId,
    codigo_barras_ficha_compensacao: title.barcode === '' ? undefined : title.barcode,
    data_emissao: omieDate(title.issued),
    data_previsao: omieDate(title.expected),
    data_vencimento: omieDate(title.due),
    distribuicao:
      title.departments.length === 0
        ? undefined
        : title.departments.map((share) => ({
            cCodDep: share.code,
            cDesDep: freeText(company.departments.get(share.code)?.description ?? ''),
            nPerDep: share.percent,
            nValDep: money(share.amount),
          })),
    id_conta_corrente: title.accountId,
    id_origem: title.origin,
    info: infoOf(title),
    numero_documento: freeText(title.documentNumber),
    numero_documento_fiscal: title.fiscalNumber,
    numero_parcela: title.installment,
    ...(withNotes && { observacao: freeText(title.notes ?? '') }),
    ...taxFields(title),
    status_titulo: listStatus(title, today, quirks),
    valor_documento: money(title.amount),
  };
}

function taxFields(title: Title): WireObject {
  const fields: Record<string, string | number> = {};
  for (const tax of taxes) {
    const line = title.taxes[tax];
    fields[`retem_${tax}`] = flag(line?.withheld ?? false);
    if (line) fields[`valor_${tax}`] = money(line.amount);
  }
  return fields;
}

/** valor_pag is documented as read-only and seen only now and then. */
function showsAmountToPay(title: Title, { quirks }: CallContext): boolean {
  return quirks.valorPag === 'always' || (quirks.valorPag === 'sometimes' && title.id % 3 === 0);
}
