import type { OmieCall } from '../omie-client.ts';
import { type WireTitulo, wireTitulo } from './titulo.ts';

export type WireContaReceber = WireTitulo;

/** financas/contareceber: an empty result is an ordinary answer here, not the no-records fault of the payables. */
export const listarContasReceber: OmieCall<WireContaReceber> = {
  name: 'ListarContasReceber',
  path: 'financas/contareceber/',
  dialect: 'snake',
  listKey: 'conta_receber_cadastro',
  row: wireTitulo,
  maxPageSize: 100,
  idOf: ({ codigo_lancamento_omie }) => codigo_lancamento_omie,
};
