import { z } from 'zod';

/** Arguments of the measured tool, as our own tool has them. */
export const callShape = {
  company_id: z.string().trim().min(1).max(200).describe('Empresa: id, nome exato ou CNPJ.'),
  pagina: z.number().int().min(1).default(1).describe('Página, a partir de 1.'),
  registros_por_pagina: z.number().int().min(1).max(500).default(50).describe('Registros por página.'),
  tipo: z.enum(['receita', 'despesa']).optional().describe('Só receitas ou só despesas.'),
  apenas_ativas: z.boolean().optional().describe('Só as ativas.'),
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
