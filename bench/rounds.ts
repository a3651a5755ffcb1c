import type { Bench } from './bench.ts';
import { type LoadResult, type LoadSpec, loadResultSchema } from './load/load-spec.ts';
import { LOAD_CORE } from './machine.ts';
import type { Goal, Row } from './measure.ts';
import { compiledBench } from './paths.ts';
import { runToEnd } from './processes.ts';
import { median, ratioOfMedians, summarise } from './statistics.ts';

export interface Contender {
  readonly name: string;
  readonly load: Omit<LoadSpec, 'warmUpMs' | 'measureMs'>;
}

/** The rounds of every contender, in the order given. */
export type Rounds = ReadonlyMap<string, readonly LoadResult[]>;

/**
 * A B C, A B C, …: whatever else the machine does meets all contenders alike. The first round is not counted: it is
 * there for the JIT of servers that have just started.
 */
export async function interleave(bench: Bench, contenders: readonly Contender[]): Promise<Rounds> {
  const results = new Map<string, LoadResult[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= bench.rounds; round += 1) {
    for (const { name, load } of contenders) {
      const result = await runLoad({ ...load, warmUpMs: bench.warmUpMs, measureMs: bench.measureMs });
      if (round > 0 || result.errors > 0) results.get(name)?.push(result);
      bench.note(`  round ${round} ${name}: ${result.callsPerSecond.toFixed(0)} calls/s, ${result.errors} errors`);
    }
  }
  return results;
}

export async function runLoad(spec: LoadSpec): Promise<LoadResult> {
  const timeoutMs = spec.warmUpMs + spec.measureMs + 30_000;
  const output = await runToEnd([compiledBench('load/main.js'), JSON.stringify(spec)], LOAD_CORE, timeoutMs);
  return loadResultSchema.parse(JSON.parse(output));
}

export interface Comparison {
  readonly what: string;
  readonly goal: Goal;
  readonly ours: string;
  readonly peer: string;
  /** Others whose numbers the reader may want to see. */
  readonly beside?: readonly string[];
  readonly by: 'callsPerSecond' | 'cpuMicrosPerCall';
}

/** A row that says how many times the peer we are. */
export function compare(rounds: Rounds, { what, goal, ours, peer, beside = [], by }: Comparison): Row {
  const shown = [ours, peer, ...beside];
  const numbers = (name: string): number[] => (rounds.get(name) ?? []).map((result) => result[by] ?? Number.NaN);
  const cpu = (name: string): string => {
    const micros = (rounds.get(name) ?? []).map((result) => result.cpuMicrosPerCall ?? Number.NaN);
    return by === 'callsPerSecond' ? `, ${summarise(micros).median.toFixed(0)} µs CPU` : '';
  };
  return {
    what,
    goal,
    value: ratioOfMedians(numbers(ours), numbers(peer)),
    unit: '×',
    detail:
      shown.map((name) => `${name} ${spread(numbers(name))} ${unitOf(by)}${cpu(name)}`).join('; ') +
      limitOf(rounds, ours),
    problems: problemsOf(rounds, shown),
  };
}

/** A row that says what one of our calls takes, whatever others do. */
export function absolute(rounds: Rounds, { what, goal, ours, beside = [], by }: Omit<Comparison, 'peer'>): Row {
  const shown = [ours, ...beside];
  const numbers = (name: string): number[] => (rounds.get(name) ?? []).map((result) => result[by] ?? Number.NaN);
  return {
    what,
    goal,
    value: median(numbers(ours)),
    unit: ` ${unitOf(by)}`,
    detail: shown.map((name) => `${name} ${spread(numbers(name))} ${unitOf(by)}`).join('; '),
    problems: problemsOf(rounds, shown),
  };
}

export function problemsOf(rounds: Rounds, names: readonly string[]): string[] {
  return names.flatMap((name) =>
    (rounds.get(name) ?? []).flatMap((round) => round.problems.map((one) => `${name}: ${one}`)),
  );
}

/** `9,812 (9,100–10,200)`: median, then the worst and the best round. */
export function spread(values: readonly number[], digits = 0): string {
  const { median, min, max } = summarise(values);
  const show = (value: number): string =>
    value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
  return `${show(median)} (${show(min)}–${show(max)})`;
}

function unitOf(by: Comparison['by']): string {
  return by === 'callsPerSecond' ? 'calls/s' : 'µs';
}

function limitOf(rounds: Rounds, ours: string): string {
  const busiest = Math.max(...(rounds.get(ours) ?? []).map((result) => result.generatorBusy));
  return busiest > 0.9 ? `; load generator ${Math.round(busiest * 100)} % busy, so the true ratio is larger` : '';
}
