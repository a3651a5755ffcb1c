/** The answer of the two title tools. */
import { z } from 'zod';
import type { Company } from '../../companies/company.ts';
import { toBrasiliaTimestamp } from '../../finance/dates.ts';
import { toReais } from '../../finance/money.ts';
import type { TaxIdDisplay } from '../../finance/tax-id.ts';
import { isContradictory, situations } from '../../finance/title-filter.ts';
import { completude, type Empresa, empresaOf, empresaShape, resultadoShape } from '../page-params.ts';
import type { AskedCounterparty } from './counterparty-param.ts';
import { renderTitle, type TitleItem, type TitleTexts, titleItem } from './title-item.ts';
import { type TitleQuery, toFilter } from './title-query.ts';
import type { TitleSlice } from './title-slice.ts';

export const titlePage = z.object({
  empresa: empresaShape,
  filtros: z
    .object({
      apenas_vencidas: z.boolean(),
      situacao: z.enum(situations).nullable(),
      vencimento_de: z.string().nullable(),
      vencimento_ate: z.string().nullable(),
      contraparte: z.object({ tipo: z.enum(['id', 'cnpj', 'cpf']), valor: z.string() }).nullable(),
      formato: z.enum(['resumido', 'detalhado']),
    })
    .describe('Os filtros como foram entendidos.'),
  resultado: resultadoShape(titleItem),
  totais: z.object({
    valor: z.number().describe('Soma dos valores dos documentos, em reais.'),
    saldo_em_aberto: z.number().describe('Soma do que falta pagar ou receber, em reais.'),
    quantidade: z.int(),
    abrangencia: z
      .enum(['pagina', 'consulta'])
      .describe('consulta: soma tudo o que foi pedido, em todas as páginas. pagina: soma só os itens desta página.'),
  }),
  moeda: z.literal('BRL'),
  posicao_em: z.string().describe('Instante do dado mais antigo desta resposta (horário de Brasília).'),
  ...completude,
});

export type TitlePage = {
  empresa: Empresa;
  filtros: {
    apenas_vencidas: boolean;
    situacao: (typeof situations)[number] | null;
    vencimento_de: string | null;
    vencimento_ate: string | null;
    contraparte: { tipo: 'id' | 'cnpj' | 'cpf'; valor: string } | null;
    formato: 'resumido' | 'detalhado';
  };
  resultado: {
    pagina: number;
    total_de_paginas: number;
    registros: number;
    total_de_registros: number;
    itens: TitleItem[];
  };
  totais: { valor: number; saldo_em_aberto: number; quantidade: number; abrangencia: 'pagina' | 'consulta' };
  moeda: 'BRL';
  posicao_em: string;
  completo: boolean;
  proxima_pagina?: number;
  motivo_incompleto?: string;
  avisos?: string[];
};

export interface TitlePageParts {
  readonly company: Company;
  readonly query: TitleQuery;
  readonly slice: TitleSlice;
  readonly texts: TitleTexts;
  /** Portuguese; what went wrong beside the numbers. */
  readonly warnings: readonly string[];
  readonly people: TaxIdDisplay;
}

export function renderTitlePage({ company, query, slice, texts, warnings, people }: TitlePageParts): TitlePage {
  const avisos = [...slice.notes, ...warningsAbout(query, slice.totalRows, people), ...warnings];
  return {
    empresa: empresaOf(company),
    filtros: {
      apenas_vencidas: query.apenas_vencidas,
      situacao: query.situacao ?? null,
      vencimento_de: query.vencimento_de ?? null,
      vencimento_ate: query.vencimento_ate ?? null,
      contraparte:
        query.contraparte === undefined
          ? null
          : { tipo: query.contraparte.type, valor: shownValue(query.contraparte, people) },
      formato: query.formato,
    },
    resultado: {
      pagina: slice.page,
      total_de_paginas: slice.totalPages,
      registros: slice.items.length,
      total_de_registros: slice.totalRows,
      itens: slice.items.map((title) => renderTitle(title, texts, { detailed: query.formato === 'detalhado', people })),
    },
    totais: {
      valor: toReais(slice.totals.value),
      saldo_em_aberto: toReais(slice.totals.open),
      quantidade: slice.totals.count,
      abrangencia: slice.scope,
    },
    moeda: 'BRL',
    posicao_em: toBrasiliaTimestamp(slice.fetchedAt),
    completo: slice.complete,
    ...(slice.nextPage !== undefined && { proxima_pagina: slice.nextPage }),
    ...(slice.reason !== undefined && { motivo_incompleto: slice.reason }),
    ...(avisos.length > 0 && { avisos }),
  };
}

/**
 * The caller wrote it, but answers outlive the question: in logs of clients, in conversations passed on. Eleven digits that
 * were taken for an id are most often a CPF, sent as a number or mistyped.
 */
function shownValue({ value }: AskedCounterparty, people: TaxIdDisplay): string {
  return people.name(value);
}

function warningsAbout(query: TitleQuery, found: number, people: TaxIdDisplay): string[] {
  const warnings: string[] = [];
  if (isContradictory(toFilter(query))) {
    warnings.push(
      `apenas_vencidas=true com situacao=${query.situacao} não combina com nenhum título; use só um dos dois.`,
    );
  }
  const { contraparte } = query;
  if (contraparte === undefined) return warnings;
  const { type, suspicious } = contraparte;
  const value = shownValue(contraparte, people);
  if (suspicious && type !== 'id') {
    warnings.push(`Os dígitos verificadores de contraparte (${value}) não conferem; confira o número.`);
  } else if (found === 0) {
    const asked =
      type === 'id'
        ? `o id ${value} do Omie (se é um CPF ou CNPJ, envie-o como texto)`
        : `o ${type.toUpperCase()} ${value}`;
    warnings.push(`Nenhum título para ${asked}: confira o número antes de concluir que não há nada em aberto.`);
  }
  return warnings;
}
