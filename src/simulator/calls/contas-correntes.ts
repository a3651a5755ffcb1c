/** geral/contacorrente: the opening balance lives here, the current one does not. */
import type { z } from 'zod';
import { omieDate } from '../dates.ts';
import type { Account } from '../model.ts';
import { noAccountFound, notFoundById, refused } from '../omie-fault.ts';
import { freeText, money, type WireObject, flag as yesNo } from '../wire.ts';
import { complexType, flag, int, str } from './complex-type.ts';
import { type CallContext, defineCall, type SimulatedCall } from './define-call.ts';
import { snakeList, snakePage } from './paging.ts';
import { changeFilter, inChangeWindow } from './title-filters.ts';

const service = 'geral/contacorrente';
const fields = {
  ...snakePage,
  ...changeFilter,
  codigo: int,
  codigo_integracao: str,
  ordenar_por: str,
  ordem_descrescente: flag,
};
const listFields = { ...fields, filtrar_apenas_ativo: flag, filtrar_por_descricao: str.max(100) };

const listRequest = complexType('fin_conta_corrente_listar_request', listFields);
const shortListRequest = complexType('fin_conta_corrente_resumo_request', listFields);
const searchRequest = complexType('fin_conta_corrente_pesquisar', fields);
const key = complexType('fin_conta_corrente_chave', { nCodCC: int, cCodCCInt: str });

export const accountCalls: readonly SimulatedCall[] = [
  defineCall({
    service,
    name: 'ListarContasCorrentes',
    input: listRequest,
    run: (request, context) => page('ListarContasCorrentes', request, context, rowOf),
  }),
  defineCall({
    service,
    name: 'ListarResumoContasCorrentes',
    input: shortListRequest,
    run: (request, context) => page('conta_corrente_lista', request, context, shortRowOf),
  }),
  defineCall({
    service,
    name: 'PesquisarContaCorrente',
    input: searchRequest,
    run: (request, context) => page('conta_corrente_lista', request, context, shortRowOf),
  }),
  defineCall({
    service,
    name: 'ConsultarContaCorrente',
    input: key,
    run: (request, context) => {
      const account = findAccount(context, request.nCodCC, request.cCodCCInt);
      if (!account) throw notFoundById('Conta corrente não cadastrada', request.nCodCC ?? 0);
      return rowOf(account);
    },
  }),
];

export function findAccount(
  { company }: CallContext,
  id: number | undefined,
  integrationCode: string | undefined,
): Account | undefined {
  if (id !== undefined && id !== 0) return company.accounts.get(id);
  if (!integrationCode) return undefined;
  return [...company.accounts.values()].find((account) => account.integrationCode === integrationCode);
}

function page(
  listKey: string,
  request: z.output<typeof listRequest>,
  context: CallContext,
  toRow: (account: Account) => WireObject,
): WireObject {
  // This service wants both ends of the window, or none.
  if (request.filtrar_por_data_ate !== undefined && request.filtrar_por_data_de === undefined) {
    throw refused('Informe a data inicial e a data final do período!', 101);
  }
  const words = request.filtrar_por_descricao?.toLowerCase() ?? '';
  const accounts = [...context.company.accounts.values()].filter(
    (account) =>
      inChangeWindow(account, request) &&
      (!request.codigo || request.codigo === account.id) &&
      (!request.codigo_integracao || request.codigo_integracao === account.integrationCode) &&
      (request.filtrar_apenas_ativo !== 'S' || account.active) &&
      account.description.toLowerCase().includes(words),
  );
  const ordered = request.ordem_descrescente === 'S' ? accounts.toReversed() : accounts;
  const answer = snakeList(listKey, ordered, request, context.quirks, toRow, 'zero');
  if (answer['registros'] === 0) throw noAccountFound();
  return answer;
}

function shortRowOf(account: Account): WireObject {
  return {
    cCodCCInt: account.integrationCode,
    codigo_agencia: account.branch,
    codigo_banco: account.bank,
    conta_corrente: account.number,
    descricao: freeText(account.description),
    nCodCC: account.id,
    saldo_data: omieDate(account.openingDay),
    saldo_inicial: money(account.openingBalance),
    tipo: account.type,
    valor_limite: money(account.limit),
  };
}

function rowOf(account: Account): WireObject {
  return {
    bloqueado: 'N',
    bol_sn: yesNo(account.issuesBoletos),
    cCodCCInt: account.integrationCode,
    codigo_agencia: account.branch,
    codigo_banco: account.bank,
    data_alt: omieDate(account.changed.day),
    data_inc: omieDate(account.created.day),
    descricao: freeText(account.description),
    importado_api: yesNo(account.viaApi),
    inativo: yesNo(!account.active),
    nCodCC: account.id,
    nao_fluxo: 'N',
    nao_resumo: 'N',
    numero_conta_corrente: account.number,
    // The key is misspelled on the wire.
    pdv_limite_pacelas: 0,
    pix_sn: yesNo(account.takesPix),
    saldo_data: omieDate(account.openingDay),
    saldo_inicial: money(account.openingBalance),
    tipo: account.type,
    tipo_conta_corrente: account.type,
    valor_limite: money(account.limit),
  };
}
