import type { Measure } from '../measure.ts';
import { measuredCall, measuredCompanies } from '../measured-call.ts';
import { compare, interleave } from '../rounds.ts';
import { eightByFour } from './eight-by-four.ts';

export const callModern: Measure = {
  name: 'modern',
  async run(bench, { text }) {
    const omie = await bench.startOmie(0);
    const ours = await bench.startOurs(omie.origin, measuredCompanies);
    const sdk = await bench.startScript('sdk-v2-handler');
    const load = { ...measuredCall, transport: 'modern', expectedText: text } as const;
    const rounds = await interleave(bench, [eightByFour('ours', ours, load), eightByFour('SDK v2', sdk, load)]);
    return [
      compare(rounds, {
        what: "tools/call, 2026-07-28 without a session, against the SDK v2's createMcpHandler",
        goal: { atLeast: 5 },
        ours: 'ours',
        peer: 'SDK v2',
        by: 'callsPerSecond',
      }),
    ];
  },
};
