/**
 * The server's answers, as far as these clients read them: a second reading of the contract, on purpose not shared
 * with the server. Fields nobody reads here may come and go; a field that decides a total may not be missing.
 */
import { z } from 'zod';
import { toCentavos } from './format-money.ts';

const count = z.number().int().nonnegative();
const centavos = z
  .number()
  .transform(toCentavos)
  .refine((value) => Number.isSafeInteger(value), 'valor grande demais para somar com exatidão');
/** `completo` is false both when more pages follow and when something was lost; only the second is a loss for a total. */
const ending = { completo: z.boolean(), proxima_pagina: z.number().nullish(), motivo_incompleto: z.string().nullish() };

export const companiesAnswer = z.object({
  empresas: z.array(z.object({ id: z.string().min(1), nome: z.string() })),
  total: count,
});

export const categoriesAnswer = z.object({
  empresa: z.object({ id: z.string() }),
  resultado: z.object({ total_de_registros: count }),
  ...ending,
});

export const titlesAnswer = z.object({
  empresa: z.object({ id: z.string() }),
  resultado: z.object({ total_de_registros: count }),
  totais: z.object({ saldo_em_aberto: centavos, quantidade: count, abrangencia: z.enum(['pagina', 'consulta']) }),
  ...ending,
});

/** `espera_segundos` decides only whether to ask again: nonsense there is as good as nothing. */
export const failureAnswer = z.object({
  erro: z.object({
    codigo: z.string(),
    mensagem: z.string(),
    espera_segundos: z.number().nonnegative().optional().catch(undefined),
  }),
});

/** True when nothing went missing: the list ended, or it merely continues on a page that was not asked for. */
export function nothingLost(answer: {
  completo: boolean;
  proxima_pagina?: number | null | undefined;
  motivo_incompleto?: string | null | undefined;
}): boolean {
  if (answer.motivo_incompleto) return false;
  return answer.completo || typeof answer.proxima_pagina === 'number';
}
