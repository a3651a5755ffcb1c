import type { Measure } from '../measure.ts';
import { measuredCall, measuredCompanies } from '../measured-call.ts';
import { compare, interleave } from '../rounds.ts';
import { eightByFour } from './eight-by-four.ts';

const laxName = 'SDK v1 without outputSchema';

/** Calls a second against the bare SDK, and CPU against the bare work, from the same rounds. */
export const callHttp: Measure = {
  name: 'http',
  async run(bench, { text }) {
    const omie = await bench.startOmie(0);
    const ours = await bench.startOurs(omie.origin, measuredCompanies);
    const sdk = await bench.startScript('sdk-v1', { BENCH_MODE: 'http' });
    const lax = await bench.startScript('sdk-v1', { BENCH_MODE: 'http', BENCH_OUTPUT_SCHEMA: 'none' });
    const raw = await bench.startScript('raw-work');
    const load = { ...measuredCall, transport: 'http', expectedText: text } as const;
    const rounds = await interleave(bench, [
      eightByFour('ours', ours, load),
      eightByFour('SDK v1', sdk, load),
      eightByFour(laxName, lax, load),
      eightByFour('raw work', raw, load),
    ]);
    return [
      compare(rounds, {
        what: 'tools/call, Streamable HTTP with a session (2025), against the bare SDK v1',
        goal: { atLeast: 3 },
        ours: 'ours',
        peer: 'SDK v1',
        beside: [laxName],
        by: 'callsPerSecond',
      }),
      compare(rounds, {
        what: 'CPU of that call, against the same parse, projection and stringify on plain node:http',
        goal: { atMost: 2 },
        ours: 'ours',
        peer: 'raw work',
        by: 'cpuMicrosPerCall',
      }),
    ];
  },
};
