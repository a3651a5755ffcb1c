import { companiesAnswer } from './answers.ts';
import type { Ask, Outcome } from './call-tool.ts';

export interface ListedCompany {
  readonly id: string;
  readonly nome: string;
  /** False for an id that was asked for and that the server does not list. */
  readonly known: boolean;
}
export interface CompanyList {
  readonly companies: readonly ListedCompany[];
  /** False when the server says there are more companies than it listed. */
  readonly complete: boolean;
}

/** The companies to look at: all the server lists, or those asked for, in the order asked. */
export async function listCompanies(
  ask: Ask,
  wanted: readonly string[] | undefined,
  signal: AbortSignal,
): Promise<Outcome<CompanyList>> {
  const answer = await ask({ name: 'listar_empresas', arguments: {} }, companiesAnswer, signal);
  if (!answer.ok) return answer;
  const { empresas, total } = answer.value;
  return { ok: true, value: chooseCompanies(empresas, total, wanted) };
}

/** An unknown id stays in the list, so that it becomes a row that says so instead of a total that is quietly short. */
export function chooseCompanies(
  listed: readonly { id: string; nome: string }[],
  total: number,
  wanted: readonly string[] | undefined,
): CompanyList {
  const known = new Map(listed.map(({ id, nome }) => [id, { id, nome, known: true }]));
  if (wanted === undefined) return { companies: [...known.values()], complete: total <= known.size };
  const companies = [...new Set(wanted)].map((id) => known.get(id) ?? { id, nome: id, known: false });
  return { companies, complete: true };
}
