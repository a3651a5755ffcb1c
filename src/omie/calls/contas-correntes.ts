/** geral/contacorrente: the accounts and their opening balances. The current balance is not here. */
import { z } from 'zod';
import type { OmieCall } from '../omie-client.ts';
import { wireFlag, wireNumber, wireText } from './wire.ts';

const wireContaCorrente = z.object({
  nCodCC: wireNumber,
  cCodCCInt: wireText,
  descricao: wireText,
  tipo_conta_corrente: wireText,
  codigo_banco: wireText,
  codigo_agencia: wireText,
  numero_conta_corrente: wireText,
  saldo_inicial: wireNumber,
  saldo_data: wireText,
  valor_limite: wireNumber,
  nao_fluxo: wireFlag,
  nao_resumo: wireFlag,
  inativo: wireFlag,
  bloqueado: wireFlag,
});

export type WireContaCorrente = z.output<typeof wireContaCorrente>;

export const listarContasCorrentes: OmieCall<WireContaCorrente> = {
  name: 'ListarContasCorrentes',
  path: 'geral/contacorrente/',
  dialect: 'snake',
  // The list is called like the call.
  listKey: 'ListarContasCorrentes',
  row: wireContaCorrente,
  maxPageSize: 100,
  idOf: ({ nCodCC }) => nCodCC,
};
