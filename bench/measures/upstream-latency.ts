import { setTimeout as sleep } from 'node:timers/promises';
import { companyIds } from '../credentials.ts';
import type { LoadResult } from '../load/load-spec.ts';
import type { Measure, Row } from '../measure.ts';
import { measuredCall } from '../measured-call.ts';
import type { RunningServer } from '../processes.ts';
import { runLoad, spread } from '../rounds.ts';
import { median } from '../statistics.ts';

const LATENCY_MS = 200;
/** Of a round. Each company is asked once, so no cache answers; a file holds 10,000 companies at most. */
const CALLS = 1_000;
const ROUNDS = 3;
/** Not counted. V8 goes on compiling for more than 5,000 calls, with as much processor time as it takes to answer some of them. */
const WARM_UP_ROUNDS = 6;
/** The first calls open sockets. */
const WARM_UP_MS = 300;
/** After so long without a call V8 has shrunk the heap and thrown optimized code away. */
const SILENCE_MS = 61_000;
/** What a burst after silence may be under Omie's real limits, twice over. */
const CALLS_AFTER_SILENCE = 448;

/** Rounds of ours and of the bare server, which is asked the same right after. */
interface Results {
  readonly ours: readonly LoadResult[];
  readonly bare: readonly LoadResult[];
}

export const upstreamLatency: Measure = {
  name: 'upstream',
  async run(bench) {
    const omie = await bench.startOmie(LATENCY_MS);
    const companies = companyIds((WARM_UP_ROUNDS + ROUNDS) * CALLS + CALLS_AFTER_SILENCE);
    const ours = await bench.startUnlimited(omie.origin, companies);
    const bare = await bench.startScript('raw-page', { BENCH_UPSTREAM: omie.origin });
    const ask = async (calls: number): Promise<Results> => {
      const some = companies.splice(0, calls);
      const results = { ours: [await askOfEach(ours, some)], bare: [await askOfEach(bare, some)] };
      bench.note(`  ours ${shown(results.ours)}; bare ${shown(results.bare)}`);
      return results;
    };
    if (bench.quick) return [rowOf([await ask(CALLS)])];

    for (let round = 0; round < WARM_UP_ROUNDS; round += 1) await ask(CALLS);
    const rounds: Results[] = [];
    for (let round = 0; round < ROUNDS; round += 1) rounds.push(await ask(CALLS));
    await sleep(SILENCE_MS);
    return [rowOf(rounds, await ask(CALLS_AFTER_SILENCE))];
  },
};

function rowOf(rounds: readonly Results[], afterSilence?: Results): Row {
  const ours = rounds.flatMap((round) => round.ours);
  const bare = rounds.flatMap((round) => round.bare);
  const [p50, bareP50] = [numbers(ours, 'p50Ms'), numbers(bare, 'p50Ms')];
  const busiest = Math.max(...[...ours, ...bare].map(({ generatorBusy }) => generatorBusy));
  const silence =
    afterSilence === undefined
      ? ''
      : `; after a minute without a call: ours ${shown(afterSilence.ours)}, bare ${shown(afterSilence.bare)}`;
  return {
    what: `p50 of an uncached call, Omie at ${LATENCY_MS} ms, 64 in flight, against ${LATENCY_MS} ms`,
    goal: { atMost: 1.05 },
    value: median(p50) / LATENCY_MS,
    unit: '×',
    detail:
      `p50 ${spread(p50, 1)} ms, p99 ${spread(numbers(ours, 'p99Ms'), 1)} ms, ${cpu(ours)}; ` +
      `bare node:http, undici and JSON.parse: p50 ${spread(bareP50, 1)} ms, ${(median(bareP50) / LATENCY_MS).toFixed(2)}×, ` +
      `${cpu(bare)}${silence}; load generator ${Math.round(busiest * 100)} % busy`,
    problems: [...rounds, ...(afterSilence === undefined ? [] : [afterSilence])].flatMap((round) =>
      [...round.ours, ...round.bare].flatMap(({ problems }) => problems),
    ),
  };
}

function numbers(results: readonly LoadResult[], of: 'p50Ms' | 'p99Ms' | 'cpuMicrosPerCall'): number[] {
  return results.map((result) => result[of] ?? Number.NaN);
}

function cpu(results: readonly LoadResult[]): string {
  return `${median(numbers(results, 'cpuMicrosPerCall')).toFixed(0)} µs CPU`;
}

function shown(results: readonly LoadResult[]): string {
  return `p50 ${median(numbers(results, 'p50Ms')).toFixed(1)} ms (${cpu(results)})`;
}

/**
 * Clients that know nothing of each other begin over the time of one answer; beginning at once, all 64 would meet again in
 * the same instant after each.
 */
function askOfEach(server: RunningServer, companies: readonly string[]): Promise<LoadResult> {
  return runLoad({
    ...measuredCall,
    argumentSets: companies.map((company_id) => ({ company_id })),
    transport: 'http',
    origin: server.origin,
    serverPid: server.pid,
    sessions: 8,
    inFlight: 8,
    maxCalls: companies.length,
    rampMs: LATENCY_MS,
    warmUpMs: WARM_UP_MS,
    measureMs: 30_000,
  });
}
