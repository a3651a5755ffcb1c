import { setTimeout as sleep } from 'node:timers/promises';
import type { Bench } from '../bench.ts';
import { companyIds } from '../credentials.ts';
import type { LoadResult } from '../load/load-spec.ts';
import type { Measure } from '../measure.ts';
import { measuredCall } from '../measured-call.ts';
import type { RunningServer } from '../processes.ts';
import { runLoad, spread } from '../rounds.ts';
import { median } from '../statistics.ts';

const LATENCY_MS = 200;
/** Each company is asked once, so no cache answers; both runs of a round stay below Omie's 960 calls a minute. */
const CALLS = 448;
const ROUNDS = 2;
/** Not counted. V8 goes on compiling for some 2,000 calls, with as much processor time as it takes to answer some of them. */
const WARM_UP_ROUNDS = 2;
/** Until the minute's budget is whole again. */
const MINUTE_MS = 61_000;
/** The first calls open sockets. */
const WARM_UP_MS = 300;

/** Of one round. */
interface Results {
  readonly ours: LoadResult;
  readonly burst: LoadResult;
  readonly bare: LoadResult;
  readonly bareBurst: LoadResult;
}

export const upstreamLatency: Measure = {
  name: 'upstream',
  async run(bench) {
    const results = bench.quick ? await measure(bench, 0, 1) : await measure(bench, WARM_UP_ROUNDS, ROUNDS);
    const numbers = (of: keyof Results, by: 'p50Ms' | 'p99Ms'): number[] =>
      results.map((round) => round[of][by] ?? Number.NaN);
    const p50 = numbers('ours', 'p50Ms');
    const bare = numbers('bare', 'p50Ms');
    const cpu = (of: keyof Results): string =>
      `${median(results.map((round) => round[of].cpuMicrosPerCall ?? Number.NaN)).toFixed(0)} µs CPU`;
    const busiest = Math.max(...results.flatMap((round) => [round.ours.generatorBusy, round.bare.generatorBusy]));
    return [
      {
        what: `p50 of an uncached call, Omie at ${LATENCY_MS} ms, 64 in flight, against ${LATENCY_MS} ms`,
        goal: { atMost: 1.05 },
        value: median(p50) / LATENCY_MS,
        unit: '×',
        detail:
          `p50 ${spread(p50, 1)} ms, p99 ${spread(numbers('ours', 'p99Ms'), 1)} ms, ${cpu('ours')}; ` +
          `all 64 in one instant, again and again: p50 ${spread(numbers('burst', 'p50Ms'), 1)} ms (bare ${spread(numbers('bareBurst', 'p50Ms'), 1)} ms); ` +
          `bare node:http, undici and JSON.parse: p50 ${spread(bare, 1)} ms, ${(median(bare) / LATENCY_MS).toFixed(2)}×, ` +
          `${cpu('bare')}, ours ${(median(p50) / median(bare)).toFixed(2)}× of that; load generator ${Math.round(busiest * 100)} % busy`,
        problems: results.flatMap((round) => Object.values(round).flatMap(({ problems }) => problems)),
      },
    ];
  },
};

/** A minute a round, since the budget of Omie's calls is counted by the minute. The bare server does as many calls in each. */
async function measure(bench: Bench, warmUpRounds: number, rounds: number): Promise<Results[]> {
  const omie = await bench.startOmie(LATENCY_MS);
  const companies = companyIds(2 * CALLS * (warmUpRounds + rounds));
  const ours = await bench.startOurs(omie.origin, companies);
  const bare = await bench.startScript('raw-page', { BENCH_UPSTREAM: omie.origin });
  const results: Results[] = [];
  for (let round = 0; round < warmUpRounds + rounds; round += 1) {
    if (round > 0) await sleep(MINUTE_MS);
    const [some, others] = [companies.splice(0, CALLS), companies.splice(0, CALLS)];
    const result = {
      ours: await askOfEach(ours, some, LATENCY_MS),
      burst: await askOfEach(ours, others, 0),
      bare: await askOfEach(bare, some, LATENCY_MS),
      bareBurst: await askOfEach(bare, others, 0),
    };
    if (round >= warmUpRounds) results.push(result);
    const shown = [result.ours, result.burst, result.bare, result.bareBurst].map(
      ({ p50Ms, cpuMicrosPerCall }) => `${p50Ms?.toFixed(1)} ms (${cpuMicrosPerCall?.toFixed(0)} µs CPU)`,
    );
    bench.note(`  round ${round}: p50 ${shown[0]}, ${shown[1]} when all begin at once; bare ${shown[2]}, ${shown[3]}`);
  }
  return results;
}

/**
 * Clients that know nothing of each other begin over the time of one answer; beginning at once, all 64 would meet again in
 * the same instant after each.
 */
function askOfEach(server: RunningServer, companies: readonly string[], rampMs: number): Promise<LoadResult> {
  return runLoad({
    ...measuredCall,
    argumentSets: companies.map((company_id) => ({ company_id })),
    transport: 'http',
    origin: server.origin,
    serverPid: server.pid,
    sessions: 8,
    inFlight: 8,
    maxCalls: companies.length,
    rampMs,
    warmUpMs: WARM_UP_MS,
    measureMs: 30_000,
  });
}
