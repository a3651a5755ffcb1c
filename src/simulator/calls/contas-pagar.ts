/** financas/contapagar */
import { complexType, int, str } from './complex-type.ts';
import { defineCall, type SimulatedCall } from './define-call.ts';
import { snakeList } from './paging.ts';
import { paymentFields, paymentKey, settleTitle, undoSettlement } from './payments.ts';
import { payableFields } from './title-fields.ts';
import { payableListRequest, selectTitles } from './title-list.ts';
import { findTitle } from './title-lookup.ts';
import { titleRow } from './title-row.ts';
import { alterTitle, includeTitle, removeTitle, upsertTitle } from './title-write.ts';

const service = 'financas/contapagar';
const key = complexType('conta_pagar_cadastro_chave', {
  codigo_lancamento_omie: int,
  codigo_lancamento_integracao: str,
});

const writeCall = (name: string, write: typeof includeTitle): SimulatedCall =>
  defineCall({
    service,
    name,
    input: payableFields,
    run: (fields, context) => write('payable', { fields, registered: fields.data_entrada }, context),
  });

export const payableCalls: readonly SimulatedCall[] = [
  defineCall({
    service,
    name: 'ListarContasPagar',
    input: payableListRequest,
    run: (request, context) =>
      snakeList('conta_pagar_cadastro', selectTitles('payable', request, context), request, context.quirks, (title) =>
        titleRow(title, context, request.exibir_obs === 'S'),
      ),
  }),
  defineCall({
    service,
    name: 'ConsultarContaPagar',
    input: key,
    run: (request, context) =>
      titleRow(
        findTitle(context, 'payable', request.codigo_lancamento_omie, request.codigo_lancamento_integracao),
        context,
        true,
      ),
  }),
  writeCall('IncluirContaPagar', includeTitle),
  writeCall('AlterarContaPagar', alterTitle),
  writeCall('UpsertContaPagar', upsertTitle),
  defineCall({
    service,
    name: 'ExcluirContaPagar',
    input: key,
    run: (request, context) =>
      removeTitle('payable', request.codigo_lancamento_omie, request.codigo_lancamento_integracao, context),
  }),
  defineCall({
    service,
    name: 'LancarPagamento',
    input: paymentFields,
    run: (request, context) => settleTitle('payable', request, context),
  }),
  defineCall({
    service,
    name: 'CancelarPagamento',
    input: paymentKey,
    run: (request, context) => undoSettlement('payable', request, context),
  }),
];
