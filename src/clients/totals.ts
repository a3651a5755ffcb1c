import type { Failure, Outcome } from './call-tool.ts';
import type { CompanySnapshot, Count, Overdue } from './company-snapshot.ts';
import type { Round } from './take-round.ts';

export interface Total extends Count {
  readonly saldoCentavos: number;
}
/** Sums over complete answers only. A total that leaves anything out says so by `completo: false`. */
export interface Totals {
  readonly categorias: Count;
  readonly pagar: Total;
  readonly receber: Total;
  readonly completo: boolean;
  /** Companies with a failed answer, and companies with none failed but some incomplete. */
  readonly failed: number;
  readonly incomplete: number;
}

export function sumRound(round: Round): Totals {
  const { companies, listComplete } = round;
  const counted = (side: 'categorias' | 'pagar' | 'receber'): Count => {
    const outcomes: readonly Outcome<Count>[] = companies.map((company) => company[side]);
    return {
      quantidade: whole(outcomes).reduce((sum, each) => sum + each.quantidade, 0),
      completo: listComplete && whole(outcomes).length === companies.length,
    };
  };
  const owed = (side: 'pagar' | 'receber'): Total => {
    const outcomes: readonly Outcome<Overdue>[] = companies.map((company) => company[side]);
    return { ...counted(side), saldoCentavos: whole(outcomes).reduce((sum, each) => sum + each.saldoCentavos, 0) };
  };
  const [categorias, pagar, receber] = [counted('categorias'), owed('pagar'), owed('receber')];
  return {
    categorias,
    pagar,
    receber,
    completo: categorias.completo && pagar.completo && receber.completo,
    failed: companies.filter((company) => failuresOf(company).length > 0).length,
    incomplete: companies.filter((company) => failuresOf(company).length === 0 && !isWhole(company)).length,
  };
}

export interface NamedFailure extends Failure {
  readonly where: 'categorias' | 'pagar' | 'receber';
}

/** Which of the three answers failed, and why. */
export function failuresOf(company: CompanySnapshot): NamedFailure[] {
  const sides = ['categorias', 'pagar', 'receber'] as const;
  return sides.flatMap((where) => {
    const outcome = company[where];
    return outcome.ok ? [] : [{ where, ...outcome.failure }];
  });
}

/** The exit code of a pass: 0 only when the totals are whole. A short sum ends with 1, so that no cron job takes it for all. */
export function exitCodeOf(round: Round): 0 | 1 {
  return sumRound(round).completo ? 0 : 1;
}

function isWhole({ categorias, pagar, receber }: CompanySnapshot): boolean {
  return whole<Count>([categorias, pagar, receber]).length === 3;
}

function whole<T extends Count>(outcomes: readonly Outcome<T>[]): T[] {
  return outcomes.flatMap((outcome) => (outcome.ok && outcome.value.completo ? [outcome.value] : []));
}
