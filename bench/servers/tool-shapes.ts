import { z } from 'zod';

/** Arguments of the measured tool, as our own tool has them. */
export const callShape = {
  company_id: z.string().trim().min(1).max(200).describe('Empresa: id, nome exato ou CNPJ.'),
  pagina: z.number().int().min(1).default(1).describe('Página, a partir de 1.'),
  registros_por_pagina: z.number().int().min(1).max(500).default(50).describe('Registros por página.'),
  tipo: z.enum(['receita', 'despesa']).optional().describe('Só receitas ou só despesas.'),
  apenas_ativas: z.boolean().optional().describe('Só as ativas.'),
};

const itemShape = {
  codigo: z.string(),
  descricao: z.string(),
  tipo: z.enum(['receita', 'despesa', 'transferencia', 'outra']),
  ativa: z.boolean(),
  totalizadora: z.boolean(),
  categoria_superior: z.string().nullable(),
};

/** Its answer, as our own tool declares it. */
export const answerShape = {
  empresa: z.object({ id: z.string(), nome: z.string(), ambiente: z.enum(['producao', 'sandbox']) }),
  consulta: z.object({ tipo: z.enum(['receita', 'despesa']).nullable(), apenas_ativas: z.boolean() }),
  resultado: z.object({
    pagina: z.int(),
    total_de_paginas: z.int(),
    registros: z.int(),
    total_de_registros: z.int(),
    itens: z.array(z.object(itemShape)),
  }),
  posicao_em: z.string(),
  completo: z.boolean(),
  proxima_pagina: z.int().optional(),
  motivo_incompleto: z.string().optional(),
};

/** Arguments of the tools that only fill the list. */
export const fillerShape = {
  empresa: z.string().describe('Empresa'),
  id: z.number().int().optional(),
  texto: z.string().max(200).optional(),
  filtros: z
    .object({ de: z.string().optional(), ate: z.string().optional(), status: z.enum(['A', 'B', 'C']).optional() })
    .optional(),
};

export const fillerName = (index: number): string => `ferramenta_${index}`;
export const fillerDescription = (index: number): string => `Ferramenta ${index}`;
