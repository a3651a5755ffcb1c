import type { Measure } from '../measure.ts';
import { measuredCall, measuredCompanies } from '../measured-call.ts';
import { compare, interleave } from '../rounds.ts';
import { eightByFour } from './eight-by-four.ts';

export const callSse: Measure = {
  name: 'sse',
  async run(bench, { text }) {
    const omie = await bench.startOmie(0);
    const ours = await bench.startOurs(omie.origin, measuredCompanies);
    const sdk = await bench.startScript('sdk-v1', { BENCH_MODE: 'sse' });
    const load = { ...measuredCall, transport: 'sse', expectedText: text } as const;
    const rounds = await interleave(bench, [eightByFour('ours', ours, load), eightByFour('SDK v1', sdk, load)]);
    return [
      compare(rounds, {
        what: 'tools/call, HTTP+SSE, against the bare SDK v1',
        goal: { atLeast: 1 },
        ours: 'ours',
        peer: 'SDK v1',
        by: 'callsPerSecond',
      }),
    ];
  },
};
