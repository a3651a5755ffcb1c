/** financas/contapagar */
import { complexType, int, str } from './complex-type.ts';
import { defineCall, type SimulatedCall } from './define-call.ts';
import { snakeList } from './paging.ts';
import { payableListRequest, selectTitles } from './title-list.ts';
import { findTitle } from './title-lookup.ts';
import { payableRow } from './title-row.ts';

const service = 'financas/contapagar';
const key = complexType('conta_pagar_cadastro_chave', {
  codigo_lancamento_omie: int,
  codigo_lancamento_integracao: str,
});

export const payableCalls: readonly SimulatedCall[] = [
  defineCall({
    service,
    name: 'ListarContasPagar',
    input: payableListRequest,
    run: (request, context) =>
      snakeList('conta_pagar_cadastro', selectTitles('payable', request, context), request, context.quirks, (title) =>
        payableRow(title, context, request.exibir_obs === 'S'),
      ),
  }),
  defineCall({
    service,
    name: 'ConsultarContaPagar',
    input: key,
    run: (request, context) =>
      payableRow(
        findTitle(context, 'payable', request.codigo_lancamento_omie, request.codigo_lancamento_integracao),
        context,
        true,
      ),
  }),
];
