import { z } from 'zod';
import { LOAD_CORE } from '../machine.ts';
import type { Measure } from '../measure.ts';
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
  refusedMs: z.number(),
  answeredMs: z.number(),
  /** How late the generator's own event loop was, p99. */
  ownMs: z.number(),
});

/** What a few clients met who asked now and then meanwhile. */
const patientSchema = z.object({
  answeredMs: z.number(),
  refusedMs: z.number(),
  refusals: z.number(),
  healthMs: z.number(),
  probes: z.number(),
  ownMs: z.number(),
});

/** What is left of the answers a second when far too many ask and nobody waits when told to. */
export const overload: Measure = {
  name: 'overload',
  async run(bench) {
    const omie = await bench.startOmie(0);
    const ours = await bench.startOurs(omie.origin, measuredCompanies);
    const plan = {
      origin: ours.origin,
      path: '/tools/consultar_categorias_empresa',
      body: JSON.stringify({ company_id: measuredCompanies[0] }),
      // The gauge of load needs a few seconds to find its share.
      warmUpMs: bench.quick ? 1_000 : 5_000,
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
    const ms = (value: number): string => `${value.toFixed(0)} ms`;
    return [
      {
        what: `Answers a second with ${FAR_TOO_MANY.toLocaleString('en-US')} impatient clients, against ${ENOUGH}`,
        goal: { atLeast: 0.8 },
        value: flood.goodPerSecond / peak.goodPerSecond,
        unit: '×',
        detail:
          `${flood.goodPerSecond.toFixed(0)}/s of ${peak.goodPerSecond.toFixed(0)}/s, ${flood.refusedPerSecond.toFixed(0)}/s turned away; ` +
          `p99 in the flood: answers ${ms(flood.answeredMs)}, refusals ${ms(flood.refusedMs)} (its own delay ${ms(flood.ownMs)}); ` +
          `p99 beside it: answers ${ms(patient.answeredMs)}, ${patient.refusals} refusals ${ms(patient.refusedMs)}, ` +
          `${patient.probes} probes of health ${ms(patient.healthMs)} (own delay ${ms(patient.ownMs)})`,
        problems:
          flood.other + peak.other > 0 ? [`${flood.other + peak.other} answers were neither 200, 429 nor 503`] : [],
      },
    ];
  },
};
