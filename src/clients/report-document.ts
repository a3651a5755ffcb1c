import type { Overdue } from './company-snapshot.ts';
import { toReais } from './format-money.ts';
import type { Round } from './take-round.ts';
import { failuresOf, sumRound } from './totals.ts';

/** The same round for programs. Money in reais; `null` where the question was not answered. */
export interface ReportDocument {
  readonly gerado_em: string;
  readonly moeda: 'BRL';
  readonly empresas: readonly CompanyEntry[];
  readonly totais: {
    readonly categorias: number;
    readonly pagar: TotalEntry;
    readonly receber: TotalEntry;
    readonly completo: boolean;
  };
}
export interface CompanyEntry {
  readonly id: string;
  readonly nome: string;
  readonly categorias: number | null;
  readonly categorias_completo: boolean;
  readonly pagar: OverdueEntry | null;
  readonly receber: OverdueEntry | null;
  readonly erro?: { readonly codigo: string; readonly mensagem: string; readonly em: readonly string[] };
}
/** `completo`: the figures cover the whole query and take part in the totals. */
export interface OverdueEntry extends TotalEntry {
  readonly abrangencia: 'pagina' | 'consulta';
}
export interface TotalEntry {
  readonly quantidade: number;
  readonly saldo_em_aberto: number;
  readonly completo: boolean;
}

export function toDocument(round: Round): ReportDocument {
  const { categorias, pagar, receber, completo } = sumRound(round);
  return {
    gerado_em: round.takenAt.toISOString(),
    moeda: 'BRL',
    empresas: round.companies.map(toEntry),
    totais: { categorias: categorias.quantidade, pagar: toTotal(pagar), receber: toTotal(receber), completo },
  };
}

function toEntry(company: Round['companies'][number]): CompanyEntry {
  const { id, nome, categorias, pagar, receber } = company;
  const failures = failuresOf(company);
  const [first] = failures;
  return {
    id,
    nome,
    categorias: categorias.ok ? categorias.value.quantidade : null,
    categorias_completo: categorias.ok && categorias.value.completo,
    pagar: pagar.ok ? toOverdue(pagar.value) : null,
    receber: receber.ok ? toOverdue(receber.value) : null,
    ...(first && {
      erro: { codigo: first.codigo, mensagem: first.mensagem, em: failures.map(({ where }) => where) },
    }),
  };
}

function toOverdue(overdue: Overdue): OverdueEntry {
  return { ...toTotal(overdue), abrangencia: overdue.abrangencia };
}

function toTotal(total: { quantidade: number; saldoCentavos: number; completo: boolean }): TotalEntry {
  return { quantidade: total.quantidade, saldo_em_aberto: toReais(total.saldoCentavos), completo: total.completo };
}
