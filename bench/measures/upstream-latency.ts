import type { Bench } from '../bench.ts';
import { companyIds } from '../credentials.ts';
import type { LoadResult } from '../load/load-spec.ts';
import type { Measure } from '../measure.ts';
import { measuredCall } from '../measured-call.ts';
import { runLoad, spread } from '../rounds.ts';
import { median } from '../statistics.ts';

const LATENCY_MS = 200;
/** Each company is asked once, so no cache answers; together they stay below Omie's 960 calls a minute. */
const CALLS = 896;
/** The first calls open sockets and compile code. */
const WARM_UP_MS = 600;

export const upstreamLatency: Measure = {
  name: 'upstream',
  async run(bench) {
    const omie = await bench.startOmie(LATENCY_MS);
    const results: LoadResult[] = [];
    const bursts: LoadResult[] = [];
    for (let round = 1; round <= (bench.quick ? 1 : 3); round += 1) {
      results.push(await callEachCompany(bench, omie.origin, LATENCY_MS));
      bursts.push(await callEachCompany(bench, omie.origin, 0));
      const shown = [results.at(-1), bursts.at(-1)].map((result) => `${result?.p50Ms?.toFixed(1)} ms`);
      bench.note(`  round ${round}: p50 ${shown[0]}, ${shown[1]} when all begin at once`);
    }
    const p50 = results.map((result) => result.p50Ms ?? Number.NaN);
    const p99 = results.map((result) => result.p99Ms ?? Number.NaN);
    const burst = bursts.map((result) => result.p50Ms ?? Number.NaN);
    return [
      {
        what: `p50 of an uncached call, Omie at ${LATENCY_MS} ms, 64 in flight, against ${LATENCY_MS} ms`,
        goal: { atMost: 1.05 },
        value: median(p50) / LATENCY_MS,
        unit: '×',
        detail: `p50 ${spread(p50, 1)} ms, p99 ${spread(p99, 1)} ms; all 64 in one instant, again and again: p50 ${spread(burst, 1)} ms`,
        problems: [...results, ...bursts].flatMap((result) => result.problems),
      },
    ];
  },
};

/**
 * On a fresh server: the minute's budget is whole and nothing is cached. Clients that know nothing of each other begin over
 * the time of one answer; beginning at once, all 64 would meet again in the same instant after each.
 */
async function callEachCompany(bench: Bench, omie: string, rampMs: number): Promise<LoadResult> {
  const companies = companyIds(CALLS);
  const ours = await bench.startOurs(omie, companies);
  const result = await runLoad({
    ...measuredCall,
    argumentSets: companies.map((company_id) => ({ company_id })),
    transport: 'http',
    origin: ours.origin,
    serverPid: ours.pid,
    sessions: 8,
    inFlight: 8,
    maxCalls: CALLS,
    rampMs,
    warmUpMs: WARM_UP_MS,
    measureMs: 30_000,
  });
  await ours.stop();
  return result;
}
