/**
 * A title as the payable and receivable lists write it: no payment date, no balance, no counterparty name.
 * One literal, keys in Omie's alphabetical order: spreading parts together costs five times as much on a page of rows.
 */
import { settlementOf } from '../balance.ts';
import { omieDate } from '../dates.ts';
import type { Tax, Title } from '../model.ts';
import { listStatus } from '../title-status.ts';
import { flag, freeText, infoOf, money, type WireObject } from '../wire.ts';
import type { CallContext } from './define-call.ts';

export function titleRow(title: Title, context: CallContext, withNotes: boolean): WireObject {
  const { today, quirks } = context;
  const payable = title.kind === 'payable';
  return {
    bloqueado: payable ? undefined : 'N',
    boleto: payable ? undefined : boletoOf(title),
    categorias: title.categories.map((share) => ({
      codigo_categoria: share.code,
      percentual: share.percent,
      valor: money(share.amount),
    })),
    chave_nfe: payable ? undefined : (title.invoiceKey ?? ''),
    cnab_integracao_bancaria: payable
      ? { codigo_forma_pagamento: title.documentType === 'BOL' ? 'BOL' : '' }
      : undefined,
    codigo_barras_ficha_compensacao: title.barcode === '' ? undefined : title.barcode,
    codigo_categoria: title.categories[0]?.code ?? '',
    codigo_cliente_fornecedor: title.clientId,
    codigo_lancamento_integracao: title.integrationCode,
    codigo_lancamento_omie: title.id,
    codigo_projeto: title.projectId,
    codigo_tipo_documento: title.documentType,
    codigo_vendedor: title.sellerId,
    data_emissao: omieDate(title.issued),
    data_entrada: payable ? omieDate(title.registered) : undefined,
    data_previsao: omieDate(title.expected),
    data_registro: payable ? undefined : omieDate(title.registered),
    data_vencimento: omieDate(title.due),
    distribuicao: title.departments.length === 0 ? undefined : departmentShares(title, context),
    id_conta_corrente: title.accountId,
    id_origem: title.origin,
    info: infoOf(title),
    nCodPedido: title.orderId,
    numero_documento: freeText(title.documentNumber),
    numero_documento_fiscal: title.fiscalNumber,
    numero_parcela: title.installment,
    numero_pedido: title.orderNumber,
    observacao: withNotes ? freeText(title.notes ?? '') : undefined,
    operacao: payable ? undefined : title.operation,
    retem_cofins: withheld(title, 'cofins'),
    retem_csll: withheld(title, 'csll'),
    retem_inss: withheld(title, 'inss'),
    retem_ir: withheld(title, 'ir'),
    retem_iss: withheld(title, 'iss'),
    retem_pis: withheld(title, 'pis'),
    status_titulo: listStatus(title, today, quirks),
    tipo_agrupamento: payable ? undefined : 'I',
    valor_cofins: taxValue(title, 'cofins'),
    valor_csll: taxValue(title, 'csll'),
    valor_documento: money(title.amount),
    valor_inss: taxValue(title, 'inss'),
    valor_ir: taxValue(title, 'ir'),
    valor_iss: taxValue(title, 'iss'),
    valor_pag: payable && showsAmountToPay(title, context) ? money(settlementOf(title).owed) : undefined,
    valor_pis: taxValue(title, 'pis'),
  };
}

function boletoOf({ boleto }: Title): WireObject {
  return {
    cGerado: flag(boleto !== undefined),
    cNumBancario: boleto?.bankNumber ?? '',
    cNumBoleto: boleto?.number ?? '',
    dDtEmBol: boleto === undefined ? '' : omieDate(boleto.issued),
    nPerJuros: boleto?.interestPercent ?? 0,
    nPerMulta: boleto?.finePercent ?? 0,
  };
}

function departmentShares(title: Title, { company }: CallContext): WireObject[] {
  return title.departments.map((share) => ({
    cCodDep: share.code,
    cDesDep: freeText(company.departments.get(share.code)?.description ?? ''),
    nPerDep: share.percent,
    nValDep: money(share.amount),
  }));
}

const withheld = (title: Title, tax: Tax): 'S' | 'N' => flag(title.taxes[tax]?.withheld ?? false);

function taxValue(title: Title, tax: Tax): number | undefined {
  const line = title.taxes[tax];
  return line === undefined ? undefined : money(line.amount);
}

/** valor_pag is documented as read-only and seen only now and then. */
function showsAmountToPay(title: Title, { quirks }: CallContext): boolean {
  return quirks.valorPag === 'always' || (quirks.valorPag === 'sometimes' && title.id % 3 === 0);
}
