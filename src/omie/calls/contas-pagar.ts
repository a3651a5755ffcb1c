import type { OmieCall } from '../omie-client.ts';
import { type WireTitulo, wireTitulo } from './titulo.ts';

export type WireContaPagar = WireTitulo;

/** financas/contapagar: `filtrar_por_data_*` filters by the date of change, never by due date. */
export const listarContasPagar: OmieCall<WireContaPagar> = {
  name: 'ListarContasPagar',
  path: 'financas/contapagar/',
  dialect: 'snake',
  listKey: 'conta_pagar_cadastro',
  row: wireTitulo,
  maxPageSize: 100,
  idOf: ({ codigo_lancamento_omie }) => codigo_lancamento_omie,
};
