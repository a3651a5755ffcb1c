import type { Measure } from '../measure.ts';
import { compare, interleave } from '../rounds.ts';
import { eightByFour } from './eight-by-four.ts';

const TOOLS = 100;

export const listTools: Measure = {
  name: 'list',
  async run(bench) {
    const env = { BENCH_TOOLS: String(TOOLS) };
    const ours = await bench.startScript('ours-100-tools', env);
    const sdk = await bench.startScript('sdk-v1', { ...env, BENCH_MODE: 'http' });
    const load = { method: 'tools/list', transport: 'http', expectedTools: TOOLS } as const;
    const rounds = await interleave(bench, [eightByFour('ours', ours, load), eightByFour('SDK v1', sdk, load)]);
    return [
      compare(rounds, {
        what: `tools/list with ${TOOLS} tools, against the bare SDK v1`,
        goal: { atLeast: 15 },
        ours: 'ours',
        peer: 'SDK v1',
        by: 'callsPerSecond',
      }),
    ];
  },
};
