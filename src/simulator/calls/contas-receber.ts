/** financas/contareceber */
import { complexType, int, str } from './complex-type.ts';
import { defineCall, type SimulatedCall } from './define-call.ts';
import { snakeList } from './paging.ts';
import { receivableListRequest, selectTitles } from './title-list.ts';
import { findTitle } from './title-lookup.ts';
import { receivableRow } from './title-row.ts';

const service = 'financas/contareceber';
/** Reads take codigo_lancamento_omie; removals take chave_lancamento. */
const readKey = complexType('lcrChave', { codigo_lancamento_omie: int, codigo_lancamento_integracao: str });

export const receivableCalls: readonly SimulatedCall[] = [
  defineCall({
    service,
    name: 'ListarContasReceber',
    input: receivableListRequest,
    run: (request, context) =>
      snakeList(
        'conta_receber_cadastro',
        selectTitles('receivable', request, context),
        request,
        context.quirks,
        (title) => receivableRow(title, context, request.exibir_obs === 'S'),
        // Unlike the payable list, this one answers an empty page with zeros.
        'zero',
      ),
  }),
  defineCall({
    service,
    name: 'ConsultarContaReceber',
    input: readKey,
    run: (request, context) =>
      receivableRow(
        findTitle(context, 'receivable', request.codigo_lancamento_omie, request.codigo_lancamento_integracao),
        context,
        true,
      ),
  }),
];
