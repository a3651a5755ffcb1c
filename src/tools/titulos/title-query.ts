/** What the two title tools take, besides the company. */
import { z } from 'zod';
import { parseDate } from '../../finance/dates.ts';
import { situations, type TitleFilter } from '../../finance/title-filter.ts';
import { pagina, registrosPorPagina } from '../page-params.ts';
import { readCounterparty } from './counterparty-param.ts';

const date = (which: string) =>
  z
    .string('informe uma data aaaa-mm-dd ou dd/mm/aaaa')
    .transform((text, context) => {
      const parsed = parseDate(text);
      if (parsed !== undefined) return parsed;
      context.addIssue('não é uma data do calendário; use aaaa-mm-dd ou dd/mm/aaaa');
      return z.NEVER;
    })
    .describe(`${which} Aceita aaaa-mm-dd ou dd/mm/aaaa. É a data de vencimento, não a de emissão nem a de pagamento.`);

const whatToGive = 'informe o id do Omie, um CNPJ ou um CPF';
const counterparty = z
  .union([z.string(), z.int(whatToGive)], whatToGive)
  .transform((given, context) => {
    const parsed = readCounterparty(given);
    if (parsed !== undefined) return parsed;
    context.addIssue('não é um id do Omie, um CNPJ (14 caracteres) nem um CPF (11 dígitos); nomes não são aceitos');
    return z.NEVER;
  })
  .describe(
    'Só os títulos deste fornecedor ou cliente: id do Omie, CNPJ ou CPF (com ou sem pontuação). Não aceita nome.',
  );

export const titleQuery = z
  .strictObject({
    pagina,
    registros_por_pagina: registrosPorPagina,
    apenas_vencidas: z
      .boolean('informe true ou false')
      .default(false)
      .describe('true: só títulos em aberto com vencimento anterior a hoje (São Paulo), inclusive os pagos em parte.'),
    situacao: z
      .enum(situations, `use uma destas: ${situations.join(', ')}`)
      .optional()
      .describe(
        'em_aberto: tudo o que ainda se deve (atrasado, vence_hoje, a_vencer e parcial). parcial: em aberto com parte já paga, ' +
          'vencido ou não. vence_hoje e a_vencer incluem os pagos em parte: as situações se sobrepõem, então não some uma com ' +
          'outra; para o total devido use em_aberto. Sem este argumento vêm todos, inclusive pagos e cancelados.',
      ),
    vencimento_de: date('Vencimento a partir deste dia, inclusive.').optional(),
    vencimento_ate: date('Vencimento até este dia, inclusive.').optional(),
    contraparte: counterparty.optional(),
    formato: z
      .enum(['resumido', 'detalhado'], 'use resumido ou detalhado')
      .default('resumido')
      .describe(
        'detalhado acrescenta a cada item status do Omie, juros, multa, desconto, previsão, pagamento e tipo de documento.',
      ),
  })
  .superRefine(({ vencimento_de, vencimento_ate }, context) => {
    if (vencimento_de === undefined || vencimento_ate === undefined || vencimento_de <= vencimento_ate) return;
    context.addIssue({ code: 'custom', path: ['vencimento_de'], message: 'é posterior a vencimento_ate' });
  });

export type TitleQuery = z.output<typeof titleQuery>;

export function toFilter(query: TitleQuery): TitleFilter {
  return {
    situation: query.situacao,
    overdueOnly: query.apenas_vencidas,
    dueFrom: query.vencimento_de,
    dueTo: query.vencimento_ate,
    counterparty: query.contraparte?.counterparty,
  };
}
