/** A line of the company's chart of categories. */
import { recordText } from './record-text.ts';

export const categoryKinds = ['receita', 'despesa', 'transferencia', 'outra'] as const;
export type CategoryKind = (typeof categoryKinds)[number];

export type Category = {
  readonly codigo: string;
  readonly descricao: string;
  readonly tipo: CategoryKind;
  readonly ativa: boolean;
  /** A group that adds up its children; titles never point at it. */
  readonly totalizadora: boolean;
  readonly categoria_superior: string | null;
};

type Text = string | null | undefined;

/** Row of ListarCategorias, in Omie's names; flags are "S"/"N". */
export interface WireCategory {
  readonly codigo?: Text;
  readonly descricao?: Text;
  readonly categoria_superior?: Text;
  readonly conta_receita?: Text;
  readonly conta_despesa?: Text;
  readonly conta_inativa?: Text;
  readonly transferencia?: Text;
  readonly totalizadora?: Text;
}

/** Undefined for a row without a code: the list that held it is not whole. */
export function toCategory(wire: WireCategory): Category | undefined {
  const codigo = recordText(wire.codigo, 20);
  if (codigo === undefined) return undefined;
  return {
    codigo,
    descricao: recordText(wire.descricao) ?? '',
    tipo: kindOf(wire, codigo),
    ativa: wire.conta_inativa !== 'S',
    totalizadora: wire.totalizadora === 'S',
    categoria_superior: recordText(wire.categoria_superior, 20) ?? null,
  };
}

/** The flags decide; where they say nothing (or both), the leading digit does: 1 is revenue, 2 is expense. */
function kindOf({ transferencia, conta_receita, conta_despesa }: WireCategory, codigo: string): CategoryKind {
  if (transferencia === 'S') return 'transferencia';
  const revenue = conta_receita === 'S';
  const expense = conta_despesa === 'S';
  if (revenue !== expense) return revenue ? 'receita' : 'despesa';
  const root = codigo.split('.')[0];
  if (root === '1') return 'receita';
  return root === '2' ? 'despesa' : 'outra';
}

export interface CategoryFilter {
  readonly tipo?: 'receita' | 'despesa' | undefined;
  readonly apenas_ativas?: boolean | undefined;
}

/** Filtered here and not by Omie, whose type filter also hides inactive and group rows without saying so. */
export function matchesCategory(category: Category, { tipo, apenas_ativas }: CategoryFilter): boolean {
  return (tipo === undefined || category.tipo === tipo) && (apenas_ativas !== true || category.ativa);
}

/** 1.2 before 1.10: codes compare number by number. */
export const byCode = (left: Category, right: Category): number => codeOrder.compare(left.codigo, right.codigo);

const codeOrder = new Intl.Collator('en', { numeric: true });
