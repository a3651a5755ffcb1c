import type { Bench } from './bench.ts';
import type { FetchedAnswer } from './measured-call.ts';

/** What a number has to be for the row to say "met". */
export type Goal = { readonly atLeast: number } | { readonly atMost: number };

/** One line of the report. */
export interface Row {
  readonly what: string;
  readonly goal: Goal;
  readonly value: number;
  /** After the value: `×`, ` KB`, ` B`, ` MB`. */
  readonly unit: string;
  /** The absolute numbers behind it. */
  readonly detail: string;
  /** Errors seen while measuring; any makes the row worthless, whatever its value. */
  readonly problems: readonly string[];
  /** Why there is no value, when that is nobody's fault. */
  readonly notMeasured?: string;
}

export interface Measure {
  /** What `--only` matches. */
  readonly name: string;
  /** `answer` is what our server says to the measured call. Servers it leaves running are ended for it. */
  run(bench: Bench, answer: FetchedAnswer): Promise<readonly Row[]>;
}

export type Verdict = 'met' | 'missed' | 'not measured' | 'FALHOU';

export function notMeasured(row: Pick<Row, 'what' | 'goal' | 'unit'>, why: string): Row {
  return { ...row, value: Number.NaN, detail: `not measured: ${why}`, problems: [], notMeasured: why };
}

export function verdictOf({ goal, value, problems, notMeasured: reason }: Row): Verdict {
  if (reason !== undefined && problems.length === 0) return 'not measured';
  if (problems.length > 0 || !Number.isFinite(value)) return 'FALHOU';
  const met = 'atLeast' in goal ? value >= goal.atLeast : value <= goal.atMost;
  return met ? 'met' : 'missed';
}
