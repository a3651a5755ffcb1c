/** `npm run bench [-- --quick] [-- --only PATTERN]`: measures, prints, and writes docs/benchmarks.md after a full run. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Bench } from './bench.ts';
import { compileBench } from './compile.ts';
import { type Measure, type Row, verdictOf } from './measure.ts';
import { type FetchedAnswer, fetchAnswer } from './measured-call.ts';
import { allMeasures } from './measures/all.ts';
import { reportFile } from './paths.ts';
import { failures, renderReport, table } from './report.ts';

const { values } = parseArgs({ options: { quick: { type: 'boolean', default: false }, only: { type: 'string' } } });
const chosen = allMeasures.filter((measure) => values.only === undefined || new RegExp(values.only).test(measure.name));
if (chosen.length === 0) {
  console.error(`No measure matches; there are: ${allMeasures.map((measure) => measure.name).join(', ')}.`);
  process.exit(2);
}

const startedAt = Date.now();
compileBench();
const bench = new Bench({ quick: values.quick });
const rows: Row[] = [];
try {
  const answer = await fetchAnswer(bench);
  for (const measure of chosen) rows.push(...(await rowsOf(measure, answer)));
} finally {
  await bench.close();
}

console.log([...table(rows), ...failures(rows)].join('\n'));
const isWhole = chosen.length === allMeasures.length && !values.quick;
if (isWhole) writeFileSync(reportFile, renderReport(rows, facts()));
process.exit(rows.some((row) => verdictOf(row) === 'FALHOU') ? 1 : 0);

/** A measure that breaks is a failed row, and one whose server went away measured something else; the others go on. */
async function rowsOf(measure: Measure, answer: FetchedAnswer): Promise<readonly Row[]> {
  bench.note(measure.name);
  const measured = await measure.run(bench, answer).catch((thrown: unknown) => [brokenRow(measure, thrown)]);
  const collapses = await bench.stopServers();
  return measured.map((row) => ({ ...row, problems: [...collapses, ...row.problems] }));
}

function brokenRow(measure: Measure, thrown: unknown): Row {
  const problem = thrown instanceof Error ? thrown.message : String(thrown);
  bench.note(`  broke: ${problem}`);
  return { what: measure.name, goal: { atMost: 0 }, value: Number.NaN, unit: '', detail: '', problems: [problem] };
}

function facts() {
  const { rounds, measureMs } = bench;
  return {
    date: new Date(),
    seconds: (Date.now() - startedAt) / 1_000,
    rounds,
    roundSeconds: measureMs / 1_000,
  };
}
