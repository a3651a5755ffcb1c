/** financas/contareceber */
import { complexType, int, str } from './complex-type.ts';
import { defineCall, type SimulatedCall } from './define-call.ts';
import { snakeList } from './paging.ts';
import { receiptFields, receiptKey, reconcile, reconcileKey, settleTitle, undoSettlement } from './payments.ts';
import { receivableFields } from './title-fields.ts';
import { receivableListRequest, selectTitles } from './title-list.ts';
import { findTitle } from './title-lookup.ts';
import { titleRow } from './title-row.ts';
import { alterTitle, includeTitle, removeTitle, upsertTitle, written } from './title-write.ts';

const service = 'financas/contareceber';
/** Reads take codigo_lancamento_omie; removals take chave_lancamento. */
const readKey = complexType('lcrChave', { codigo_lancamento_omie: int, codigo_lancamento_integracao: str });
const removalKey = complexType('conta_receber_cadastro_chave', {
  chave_lancamento: int,
  codigo_lancamento_integracao: str,
});

const writeCall = (name: string, write: typeof includeTitle): SimulatedCall =>
  defineCall({
    service,
    name,
    input: receivableFields,
    run: (fields, context) => write('receivable', { fields, registered: fields.data_registro }, context),
  });

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
        (title) => titleRow(title, context, request.exibir_obs === 'S'),
        // Unlike the payable list, this one answers an empty page with zeros.
        'zero',
      ),
  }),
  defineCall({
    service,
    name: 'ConsultarContaReceber',
    input: readKey,
    run: (request, context) =>
      titleRow(
        findTitle(context, 'receivable', request.codigo_lancamento_omie, request.codigo_lancamento_integracao),
        context,
        true,
      ),
  }),
  writeCall('IncluirContaReceber', includeTitle),
  writeCall('AlterarContaReceber', alterTitle),
  writeCall('UpsertContaReceber', upsertTitle),
  defineCall({
    service,
    name: 'ExcluirContaReceber',
    input: removalKey,
    run: (request, context) =>
      removeTitle('receivable', request.chave_lancamento, request.codigo_lancamento_integracao, context),
  }),
  defineCall({
    service,
    name: 'CancelarContaReceber',
    input: removalKey,
    run: (request, context) => {
      const title = findTitle(context, 'receivable', request.chave_lancamento, request.codigo_lancamento_integracao);
      context.company.cancelTitle(title, context.today);
      return written(title, 'Lançamento cancelado com sucesso!');
    },
  }),
  defineCall({
    service,
    name: 'LancarRecebimento',
    input: receiptFields,
    run: (request, context) => settleTitle('receivable', request, context),
  }),
  defineCall({
    service,
    name: 'CancelarRecebimento',
    input: receiptKey,
    run: (request, context) => undoSettlement('receivable', request, context),
  }),
  defineCall({
    service,
    name: 'ConciliarRecebimento',
    input: reconcileKey,
    run: (request, context) => reconcile(request, true, context),
  }),
  defineCall({
    service,
    name: 'DesconciliarRecebimento',
    input: reconcileKey,
    run: (request, context) => reconcile(request, false, context),
  }),
];
