import { z } from 'zod';
import type { Bench } from '../bench.ts';
import { LOAD_CORE } from '../machine.ts';
import type { Measure, Row } from '../measure.ts';
import { measuredCompanies } from '../measured-call.ts';
import { compiledBench } from '../paths.ts';
import { runToEnd } from '../processes.ts';

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

/** What is left of the answers a second when far too many ask and nobody waits when told to, and what others notice of it. */
export const overload: Measure = {
  name: 'overload',
  async run(bench) {
    const { peak, flood, patient } = await measure(bench);
    const others = flood.other + peak.other;
    return rowsOf(peak, flood, patient).map((row) => ({
      ...row,
      problems: others > 0 ? [`${others} answers were neither 200, 429 nor 503`] : [],
    }));
  },
};

async function measure(bench: Bench): Promise<{ peak: Outcome; flood: Outcome; patient: Patient }> {
  const omie = await bench.startOmie(0);
  const ours = await bench.startOurs(omie.origin, measuredCompanies);
  const plan = {
    origin: ours.origin,
    serverPid: ours.pid,
    path: '/tools/consultar_categorias_empresa',
    body: JSON.stringify({ company_id: measuredCompanies[0] }),
    // Until most of the flood was turned away a few times and waits as long as it will.
    warmUpMs: bench.quick ? 1_000 : 12_000,
    measureMs: bench.quick ? 2_000 : 10_000,
  };
  const run = async (script: string, clients: number): Promise<unknown> =>
    JSON.parse(await runToEnd([compiledBench(script), JSON.stringify({ ...plan, clients })], LOAD_CORE, 60_000));
  const ask = async (clients: number) => outcomeSchema.parse(await run('load/overload.js', clients));
  const peak = await ask(ENOUGH);
  const [flood, patient] = await Promise.all([
    ask(FAR_TOO_MANY),
    run('load/patient.js', 0).then((outcome) => patientSchema.parse(outcome)),
  ]);
  return { peak, flood, patient };
}

function rowsOf(peak: Outcome, flood: Outcome, patient: Patient): Omit<Row, 'problems'>[] {
  const flooded = `${FAR_TOO_MANY.toLocaleString('en-US')} impatient clients`;
  const ms = (value: number | null): string => (value === null ? 'none' : `${value.toFixed(0)} ms`);
  const busy = ({ ownBusy, serverBusy }: Outcome): string =>
    `server ${Math.round(serverBusy * 100)} %, load ${Math.round(ownBusy * 100)} % of a core`;
  const goodPerSecond = flood.goodPerSecond + patient.answers / patient.seconds;
  const beside = `own delay of the clients' process ${ms(patient.ownMs)}`;
  return [
    {
      what: `Answers a second with ${flooded}, against ${ENOUGH}`,
      goal: { atLeast: 0.8 },
      value: goodPerSecond / peak.goodPerSecond,
      unit: '×',
      detail:
        `${goodPerSecond.toFixed(0)}/s (${busy(flood)}) of ${peak.goodPerSecond.toFixed(0)}/s (${busy(peak)}); ` +
        `${flood.refusedPerSecond.toFixed(0)}/s turned away; p99 of an answer in the flood ${ms(flood.answeredMs)} with the time ` +
        `held back (own delay ${ms(flood.ownMs)})`,
    },
    {
      what: `p99 of a refusal beside ${flooded}, to clients that wait as told`,
      goal: { atMost: 50 },
      value: patient.refusedMs ?? Number.NaN,
      unit: ' ms',
      detail: `${patient.refusals} refusals; ${patient.answers} answers, p99 ${ms(patient.answeredMs)}; ${beside}`,
    },
    {
      what: `p99 of a probe of health beside ${flooded}`,
      goal: { atMost: 50 },
      value: patient.healthMs,
      unit: ' ms',
      detail: `${patient.probes} probes; ${beside}`,
    },
  ];
}
