/** geral/categorias: hierarchical codes N.NN.NN; groups are `totalizadora`, first digit 1 revenue, 2 expense. */
import { z } from 'zod';
import type { OmieCall } from '../omie-client.ts';
import { wireFlag, wireText } from './wire.ts';

const wireCategoria = z.object({
  codigo: wireText,
  descricao: wireText,
  categoria_superior: wireText,
  conta_receita: wireFlag,
  conta_despesa: wireFlag,
  conta_inativa: wireFlag,
  totalizadora: wireFlag,
  transferencia: wireFlag,
});

export type WireCategoria = z.output<typeof wireCategoria>;

export const listarCategorias: OmieCall<WireCategoria> = {
  name: 'ListarCategorias',
  path: 'geral/categorias/',
  dialect: 'snake',
  listKey: 'categoria_cadastro',
  row: wireCategoria,
  maxPageSize: 100,
  idOf: ({ codigo }) => codigo,
};
