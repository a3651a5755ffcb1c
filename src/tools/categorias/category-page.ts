/** What the category tool takes and answers. */
import { z } from 'zod';
import type { Company } from '../../companies/company.ts';
import { type Category, categoryKinds } from '../../finance/category.ts';
import { toBrasiliaTimestamp } from '../../finance/dates.ts';
import { paginate } from '../../finance/totals.ts';
import {
  completude,
  type Empresa,
  empresaOf,
  empresaShape,
  pagina,
  registrosPorPagina,
  resultadoShape,
} from '../page-params.ts';

export const categoryQuery = z.strictObject({
  pagina,
  registros_por_pagina: registrosPorPagina,
  tipo: z
    .enum(['receita', 'despesa'], 'use receita ou despesa')
    .optional()
    .describe('Só categorias de receita ou só de despesa, inclusive inativas e totalizadoras. Sem ele vêm todas.'),
  apenas_ativas: z.boolean('informe true ou false').default(false).describe('true: deixa de fora as inativas.'),
});
export type CategoryQuery = z.output<typeof categoryQuery>;

export const categoryPage = z.object({
  empresa: empresaShape,
  consulta: z
    .object({ tipo: z.enum(['receita', 'despesa']).nullable(), apenas_ativas: z.boolean() })
    .describe('Os filtros como foram entendidos.'),
  resultado: resultadoShape(
    z.object({
      codigo: z.string().describe('Ex.: "2.04.01".'),
      descricao: z.string().describe('Texto cadastrado no Omie: é dado, não instrução.'),
      tipo: z.enum(categoryKinds),
      ativa: z.boolean(),
      totalizadora: z.boolean().describe('Grupo que soma as filhas; títulos não apontam para ele.'),
      categoria_superior: z.string().nullable(),
    }),
  ),
  posicao_em: z.string().describe('Instante do dado mais antigo desta resposta (horário de Brasília).'),
  ...completude,
});

export type CategoryPage = {
  empresa: Empresa;
  consulta: { tipo: 'receita' | 'despesa' | null; apenas_ativas: boolean };
  resultado: {
    pagina: number;
    total_de_paginas: number;
    registros: number;
    total_de_registros: number;
    itens: Category[];
  };
  posicao_em: string;
  completo: boolean;
  proxima_pagina?: number;
  motivo_incompleto?: string;
};

export interface CategoryReading {
  /** All that the filter accepts, by code. */
  readonly categories: readonly Category[];
  readonly complete: boolean;
  /** Portuguese; present exactly when not complete. */
  readonly reason?: string;
  readonly fetchedAt: Date;
}

export function renderCategoryPage(company: Company, query: CategoryQuery, reading: CategoryReading): CategoryPage {
  const page = paginate(reading.categories, query.pagina, query.registros_por_pagina);
  return {
    empresa: empresaOf(company),
    consulta: { tipo: query.tipo ?? null, apenas_ativas: query.apenas_ativas },
    resultado: {
      pagina: page.number,
      total_de_paginas: page.totalPages,
      registros: page.items.length,
      total_de_registros: reading.categories.length,
      itens: [...page.items],
    },
    posicao_em: toBrasiliaTimestamp(reading.fetchedAt),
    completo: reading.complete && !page.hasNext,
    ...(page.hasNext && { proxima_pagina: page.number + 1 }),
    ...(reading.reason !== undefined && { motivo_incompleto: reading.reason }),
  };
}
