/** geral/categorias */

import { z } from 'zod';
import type { Category } from '../model.ts';
import { notFoundById } from '../omie-fault.ts';
import { freeText, type WireObject, flag as yesNo } from '../wire.ts';
import { complexType, flag, str } from './complex-type.ts';
import { type CallContext, defineCall, type SimulatedCall } from './define-call.ts';
import { snakeList, snakePage } from './paging.ts';

const service = 'geral/categorias';

const listRequest = complexType('categoria_list_request', {
  ...snakePage,
  apenas_importado_api: flag,
  ordenar_por: str,
  ordem_descrescente: flag,
  filtrar_apenas_ativo: flag,
  filtrar_por_tipo: z.enum(['R', 'D']),
  descricao: str.max(50),
});

export const categoryCalls: readonly SimulatedCall[] = [
  defineCall({
    service,
    name: 'ListarCategorias',
    input: listRequest,
    run: (request, context) => {
      const selected = [...context.company.categories.values()].filter((category) => isListed(category, request));
      const ordered = request.ordem_descrescente === 'S' ? selected.toReversed() : selected;
      return snakeList('categoria_cadastro', ordered, request, context.quirks, (one) => rowOf(one, context), 'zero');
    },
  }),
  defineCall({
    service,
    name: 'ConsultarCategoria',
    input: complexType('categoria_consultar', { codigo: str }),
    run: (request, context) => {
      const category = context.company.categories.get(request.codigo ?? '');
      if (!category) throw notFoundById('Categoria não cadastrada', request.codigo ?? '');
      return rowOf(category, context);
    },
  }),
];

function isListed(category: Category, request: z.output<typeof listRequest>): boolean {
  if (request.apenas_importado_api === 'S') return false;
  if (request.filtrar_apenas_ativo === 'S' && !category.active) return false;
  const words = request.descricao?.toLowerCase() ?? '';
  if (words !== '' && !category.description.toLowerCase().includes(words)) return false;
  if (request.filtrar_por_tipo === undefined) return true;
  // Filtering by type silently drops groups, inactive and hidden ones.
  const side = request.filtrar_por_tipo === 'R' ? 'revenue' : 'expense';
  return category.side === side && category.active && !category.hidden && !category.group;
}

function rowOf(category: Category, { company }: CallContext): WireObject {
  const line = company.dre.find((candidate) => candidate.code === category.dreCode);
  return {
    categoria_superior: category.parent,
    codigo: category.code,
    codigo_dre: category.dreCode,
    conta_despesa: yesNo(category.side === 'expense'),
    conta_inativa: yesNo(!category.active),
    conta_receita: yesNo(category.side === 'revenue'),
    // Categories outside the DRE come with an empty object, groups with none at all.
    ...(!category.group && {
      dadosDRE: line
        ? {
            codigoDRE: line.code,
            descricaoDRE: freeText(line.description),
            naoExibirDRE: yesNo(line.hidden),
            nivelDRE: line.level,
            sinalDRE: line.sign,
            totalizaDRE: yesNo(line.total),
          }
        : {},
    }),
    definida_pelo_usuario: yesNo(category.userDefined),
    descricao: freeText(category.description),
    descricao_padrao: category.userDefined ? '' : freeText(category.description),
    id_conta_contabil: 0,
    nao_exibir: yesNo(category.hidden),
    natureza: '',
    tag_conta_contabil: '',
    tipo_categoria: '',
    totalizadora: yesNo(category.group),
    transferencia: yesNo(category.transfer),
  };
}
