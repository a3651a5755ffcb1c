/** Settling titles and taking settlements back: the same deeds under two sets of names. */

import type { z } from 'zod';
import { settlementOf } from '../balance.ts';
import type { Payment, Title, TitleKind } from '../model.ts';
import { duplicateIntegrationCode, notFoundById, notFoundByIntegrationCode, refused, required } from '../omie-fault.ts';
import { money, toCentavos, type WireObject, flag as yesNo } from '../wire.ts';
import { complexType, date, dec, flag, int, str } from './complex-type.ts';
import { findAccount } from './contas-correntes.ts';
import type { CallContext } from './define-call.ts';
import { findTitle } from './title-lookup.ts';

const common = {
  codigo_lancamento: int,
  codigo_lancamento_integracao: str,
  codigo_baixa: int,
  codigo_baixa_integracao: str.max(20),
  codigo_conta_corrente: int,
  codigo_conta_corrente_integracao: str,
  valor: dec,
  desconto: dec,
  juros: dec,
  multa: dec,
  data: date,
  observacao: str,
  conciliar_documento: flag,
};
export const paymentFields = complexType('conta_pagar_lancar_pagamento', common);
export const receiptFields = complexType('conta_receber_lancar_recebimento', { ...common, bloqueado: flag, nsu: str });
type PaymentRequest = z.output<typeof paymentFields>;

const keyFields = { codigo_baixa: int, codigo_baixa_integracao: str };
export const paymentKey = complexType('conta_pagar_cancelar_pagamento', keyFields);
export const receiptKey = complexType('conta_receber_cancelar_recebimento', keyFields);
export const reconcileKey = complexType('conta_receber_conciliar_request', keyFields);
type PaymentKey = z.output<typeof paymentKey>;

export function settleTitle(kind: TitleKind, request: PaymentRequest, context: CallContext): WireObject {
  const { company, quirks, now } = context;
  const title = findTitle(context, kind, request.codigo_lancamento, request.codigo_lancamento_integracao);
  if (request.valor === undefined) throw required('valor');
  if (request.data === undefined) throw required('data');
  const account = findAccount(context, request.codigo_conta_corrente, request.codigo_conta_corrente_integracao);
  if (!account) throw required('codigo_conta_corrente');
  const code = request.codigo_baixa_integracao ?? '';
  if (code !== '' && company.findPayment(kind, (payment) => payment.integrationCode === code)) {
    throw duplicateIntegrationCode('Baixa já cadastrada', code);
  }
  const discount = toCentavos(request.desconto ?? 0);
  const principal = toCentavos(request.valor) + (quirks.discountInsidePaid ? 0 : discount);
  if (title.cancelled !== undefined) throw refused('O lançamento está cancelado!');
  if (principal > settlementOf(title).open) throw refused('O valor da baixa é maior que o saldo do lançamento!');
  const payment = company.settle(
    title,
    {
      id: company.newId(),
      integrationCode: code,
      day: request.data,
      principal,
      discount,
      interest: toCentavos(request.juros ?? 0),
      fine: toCentavos(request.multa ?? 0),
      accountId: account.id,
      notes: request.observacao ?? '',
      reconciled: request.conciliar_documento === 'S',
    },
    now,
  );
  return {
    codigo_baixa: payment.id,
    codigo_baixa_integracao: payment.integrationCode,
    codigo_lancamento: title.id,
    codigo_lancamento_integracao: title.integrationCode,
    codigo_status: '0',
    descricao_status: 'Baixa executada com sucesso!',
    liquidado: yesNo(company.isSettled(title)),
    valor_baixado: money(principal),
  };
}

export function undoSettlement(kind: TitleKind, key: PaymentKey, context: CallContext): WireObject {
  const { title, payment } = findPayment(kind, key, context);
  context.company.undoPayment(title, payment);
  return keyed(payment, 'Baixa cancelada com sucesso!');
}

export function reconcile(key: PaymentKey, reconciled: boolean, context: CallContext): WireObject {
  const { company, today } = context;
  const { payment } = findPayment('receivable', key, context);
  payment.reconciled = reconciled;
  const entry = company.bankEntries.get(payment.bankEntryId);
  if (entry && reconciled) entry.reconciledOn = today;
  else delete entry?.reconciledOn;
  company.touch();
  return keyed(payment, reconciled ? 'Baixa conciliada com sucesso!' : 'Conciliação estornada com sucesso!');
}

function findPayment(kind: TitleKind, key: PaymentKey, { company }: CallContext): { title: Title; payment: Payment } {
  const { codigo_baixa: id, codigo_baixa_integracao: code } = key;
  const found = company.findPayment(kind, (payment) =>
    id ? payment.id === id : code !== '' && payment.integrationCode === code,
  );
  if (found) return found;
  throw id ? notFoundById('Baixa não cadastrada', id) : notFoundByIntegrationCode('Baixa não cadastrada', code ?? '');
}

const keyed = (payment: Payment, sentence: string): WireObject => ({
  codigo_baixa: payment.id,
  codigo_baixa_integracao: payment.integrationCode,
  codigo_status: '0',
  descricao_status: sentence,
});
