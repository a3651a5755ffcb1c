import { pinned, SERVER_CORE } from '../machine.ts';
import type { Measure } from '../measure.ts';
import { measuredCall, measuredCompanies } from '../measured-call.ts';
import { compiledBench, serverEntry } from '../paths.ts';
import { cleanEnvironment } from '../processes.ts';
import { type Contender, compare, interleave } from '../rounds.ts';

export const callStdio: Measure = {
  name: 'stdio',
  async run(bench, { text }) {
    const omie = await bench.startOmie(0);
    const contender = (name: string, argv: readonly string[], env: Record<string, string>): Contender => ({
      name,
      load: {
        ...measuredCall,
        transport: 'stdio',
        expectedText: text,
        command: [...pinned(SERVER_CORE, [process.execPath, ...argv])],
        env: { ...cleanEnvironment(), ...env },
        sessions: 1,
        inFlight: 8,
      },
    });
    const rounds = await interleave(bench, [
      contender(
        'ours',
        [serverEntry, 'serve', '--transports', 'stdio'],
        bench.ourEnvironment(omie.origin, measuredCompanies),
      ),
      contender('SDK v1', [compiledBench('servers/sdk-v1.js')], bench.scriptEnvironment({ BENCH_MODE: 'stdio' })),
    ]);
    return [
      compare(rounds, {
        what: 'tools/call, stdio, eight in flight, against the bare SDK v1',
        goal: { atLeast: 1 },
        ours: 'ours',
        peer: 'SDK v1',
        by: 'callsPerSecond',
      }),
    ];
  },
};
