import { z } from 'zod';
import type { Bench } from '../bench.ts';
import { LOAD_CORE } from '../machine.ts';
import type { Measure, Row } from '../measure.ts';
import { measuredCompanies } from '../measured-call.ts';
import { compiledBench } from '../paths.ts';
import { runToEnd } from '../processes.ts';
import { spread } from '../rounds.ts';
import { median } from '../statistics.ts';

/** As many clients as keep one core busy, and far more than it can serve. */
const ENOUGH = 32;
const FAR_TOO_MANY = 2_000;

const outcomeSchema = z.object({
  goodPerSecond: z.number(),
  refusedPerSecond: z.number(),
  other: z.number(),
  answeredMs: z.number(),
  /** How late the generator's own event loop was, p99. */
  ownMs: z.number(),
  /** Shares of a core. */
  ownBusy: z.number(),
  serverBusy: z.number(),
});
type Outcome = z.output<typeof outcomeSchema>;

/** What clients met who asked now and then meanwhile and waited as told. */
const patientSchema = z.object({
  answeredMs: z.number().nullable(),
  refusedMs: z.number().nullable(),
  answers: z.number(),
  seconds: z.number(),
  refusals: z.number(),
  healthMs: z.number(),
  probes: z.number(),
  ownMs: z.number(),
});
type Patient = z.output<typeof patientSchema>;

/** Of each run; with and without the flood in turn, so that whatever else the machine does meets both alike. */
interface Runs {
  readonly peaks: readonly Outcome[];
  readonly floods: readonly Outcome[];
  readonly patients: readonly Patient[];
}

/** What is left of the answers a second when far too many ask and nobody waits when told to, and what others notice of it. */
export const overload: Measure = {
  name: 'overload',
  async run(bench) {
    const runs = await measure(bench);
    const others = [...runs.peaks, ...runs.floods].reduce((sum, { other }) => sum + other, 0);
    const problems = others > 0 ? [`${others} answers were neither 200, 429 nor 503`] : [];
    return rowsOf(runs).map((row) => ({ ...row, problems }));
  },
};

async function measure(bench: Bench): Promise<Runs> {
  const omie = await bench.startOmie(0);
  const ours = await bench.startOurs(omie.origin, measuredCompanies);
  const plan = {
    origin: ours.origin,
    serverPid: ours.pid,
    path: '/tools/consultar_categorias_empresa',
    body: JSON.stringify({ company_id: measuredCompanies[0] }),
  };
  const run = async (script: string, times: object): Promise<unknown> =>
    JSON.parse(await runToEnd([compiledBench(script), JSON.stringify({ ...plan, ...times })], LOAD_CORE, 60_000));
  const peak = async () =>
    outcomeSchema.parse(await run('load/overload.js', { clients: ENOUGH, warmUpMs: 2_000, measureMs: 4_000 }));
  // Until most of the flood was turned away a few times and waits as long as it will.
  const flooding = {
    clients: FAR_TOO_MANY,
    warmUpMs: bench.quick ? 1_000 : 12_000,
    measureMs: bench.quick ? 2_000 : 8_000,
  };
  const peaks = [await peak()];
  const floods: Outcome[] = [];
  const patients: Patient[] = [];
  for (let round = 1; round <= (bench.quick ? 1 : 2); round += 1) {
    const [flood, patient] = await Promise.all([run('load/overload.js', flooding), run('load/patient.js', flooding)]);
    floods.push(outcomeSchema.parse(flood));
    patients.push(patientSchema.parse(patient));
    peaks.push(await peak());
  }
  return { peaks, floods, patients };
}

function rowsOf({ peaks, floods, patients }: Runs): Omit<Row, 'problems'>[] {
  const flooded = `${FAR_TOO_MANY.toLocaleString('en-US')} impatient clients`;
  const worst = (values: readonly (number | null)[]): number => Math.max(...values.map((value) => value ?? Number.NaN));
  const ms = (value: number): string => `${value.toFixed(0)} ms`;
  const busy = (runs: readonly Outcome[]): string => {
    const [server, load] = [runs.map((one) => one.serverBusy * 100), runs.map((one) => one.ownBusy * 100)];
    return `server ${median(server).toFixed(0)} %, load ${median(load).toFixed(0)} % of a core`;
  };
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const alone = peaks.map(({ goodPerSecond }) => goodPerSecond);
  const flooding = floods.map(({ goodPerSecond }, at) => {
    const beside = patients[at];
    return goodPerSecond + (beside === undefined ? Number.NaN : beside.answers / beside.seconds);
  });
  const beside = `own delay of the clients' process ${ms(worst(patients.map(({ ownMs }) => ownMs)))}`;
  return [
    {
      what: `Answers a second with ${flooded}, against ${ENOUGH}`,
      goal: { atLeast: 0.8 },
      value: median(flooding) / median(alone),
      unit: '×',
      detail:
        `${spread(flooding)}/s (${busy(floods)}); against ${spread(alone)}/s (${busy(peaks)}) before, between and after; ` +
        `${median(floods.map((flood) => flood.refusedPerSecond)).toFixed(0)}/s turned away; p99 of an answer in the flood ` +
        `${ms(worst(floods.map(({ answeredMs }) => answeredMs)))}, most of it not read`,
    },
    {
      what: `p99 of a refusal beside ${flooded}, to clients that wait as told`,
      goal: { atMost: 50 },
      value: worst(patients.map(({ refusedMs }) => refusedMs)),
      unit: ' ms',
      detail:
        `${sum(patients.map(({ refusals }) => refusals))} refusals; ${sum(patients.map(({ answers }) => answers))} answers, ` +
        `p99 ${ms(worst(patients.map(({ answeredMs }) => answeredMs)))}; ${beside}`,
    },
    {
      what: `p99 of a probe of health beside ${flooded}`,
      goal: { atMost: 50 },
      value: worst(patients.map(({ healthMs }) => healthMs)),
      unit: ' ms',
      detail: `${sum(patients.map(({ probes }) => probes))} probes; ${beside}`,
    },
  ];
}
