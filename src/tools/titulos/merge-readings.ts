/** Several readings of the same company's titles as one: each title once, as its newest reading shows it. */
import type { PlainDate } from '../../finance/dates.ts';
import { type Title, type TitleKind, type TitleProblem, toTitle, type WireMovement } from '../../finance/title.ts';

export interface MergedReadings {
  readonly titles: readonly Title[];
  /** Rows that should be titles and cannot be read as such. */
  readonly problems: readonly TitleProblem[];
}

interface Reading {
  readonly rows: readonly WireMovement[];
  readonly fetchedAt: Date;
}

export function mergeReadings(readings: readonly Reading[], kind: TitleKind, today: PlainDate): MergedReadings {
  const byId = new Map<number, { title: Title } | { problem: TitleProblem }>();
  const anonymous: TitleProblem[] = [];
  // Stable: of two readings of the same instant the later query wins.
  const oldestFirst = [...readings].sort((left, right) => left.fetchedAt.getTime() - right.fetchedAt.getTime());
  for (const row of oldestFirst.flatMap((reading) => reading.rows)) {
    const read = toTitle(row, kind, today);
    if (read.is === 'title') byId.set(read.title.id, { title: read.title });
    if (read.is !== 'problem') continue;
    if (read.problem.id === undefined) anonymous.push(read.problem);
    else byId.set(read.problem.id, { problem: read.problem });
  }
  const merged = [...byId.values()];
  return {
    titles: merged.flatMap((entry) => ('title' in entry ? [entry.title] : [])),
    problems: [...anonymous, ...merged.flatMap((entry) => ('problem' in entry ? [entry.problem] : []))],
  };
}

/** One sentence about rows left out, or undefined when none was. */
export function explainProblems(problems: readonly TitleProblem[]): string | undefined {
  if (problems.length === 0) return undefined;
  const fields = [...new Set(problems.map((problem) => problem.field))].sort().join(', ');
  const ids = problems.flatMap((problem) => (problem.id === undefined ? [] : [problem.id])).slice(0, 5);
  const which = ids.length === 0 ? '' : ` (ids: ${ids.join(', ')}${problems.length > ids.length ? ', …' : ''})`;
  return `${problems.length} registro(s) do Omie ficaram fora por campo ausente ou contraditório: ${fields}${which}.`;
}
