import { z } from 'zod';
import type { Company } from '../companies/company.ts';

/** Arguments and answer parts that every paged tool shares. */
export const pagina = z
  .int('informe um número inteiro')
  .min(1, 'a primeira página é 1')
  .default(1)
  .describe('Página, a partir de 1. Uma página além do fim volta vazia.');

export const registrosPorPagina = z
  .int('informe um número inteiro')
  .min(1, 'informe de 1 a 500')
  .max(500, 'informe de 1 a 500')
  .default(50)
  .describe('Registros por página, de 1 a 500. Os totais não dependem deste número.');

export const empresaShape = z.object({ id: z.string(), nome: z.string(), ambiente: z.enum(['producao', 'sandbox']) });

export type Empresa = { id: string; nome: string; ambiente: Company['ambiente'] };

export const empresaOf = ({ id, nome, ambiente }: Company): Empresa => ({ id, nome, ambiente });

/** The shape of `resultado` around any kind of item. */
export function resultadoShape<Item extends z.ZodType>(item: Item) {
  return z.object({
    pagina: z.int(),
    total_de_paginas: z.int(),
    registros: z.int().describe('Itens nesta página.'),
    total_de_registros: z.int().describe('Itens em todas as páginas.'),
    itens: z.array(item),
  });
}

export const completude = {
  completo: z
    .boolean()
    .describe(
      'true: esta resposta chega ao fim do que foi pedido e nada se perdeu. false: veja proxima_pagina ou motivo_incompleto.',
    ),
  proxima_pagina: z.int().optional().describe('Há mais: repita a chamada com esta página.'),
  motivo_incompleto: z.string().optional().describe('Por que faltam dados e como restringir a consulta.'),
  avisos: z.array(z.string()).optional().describe('Ressalvas que não mudam os números.'),
};
