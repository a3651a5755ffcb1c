import { z } from 'zod';
import { LOAD_CORE, pinned, SERVER_CORE } from '../machine.ts';
import type { Measure } from '../measure.ts';
import { measuredCompanies } from '../measured-call.ts';
import { compiledBench, serverEntry } from '../paths.ts';
import { cleanEnvironment, runToEnd } from '../processes.ts';
import { spread } from '../rounds.ts';
import { ratioOfMedians } from '../statistics.ts';

const timesSchema = z.array(z.array(z.number()));

export const startUp: Measure = {
  name: 'start',
  async run(bench, { toolCount }) {
    const omie = await bench.startOmie(0);
    const command = (...argv: string[]): string[] => [...pinned(SERVER_CORE, [process.execPath, ...argv])];
    const sdkEnv = { BENCH_MODE: 'stdio', BENCH_TOOLS: String(toolCount) };
    const plan = {
      rounds: bench.quick ? 2 : 11,
      contenders: [
        {
          command: command(serverEntry, 'serve', '--transports', 'stdio'),
          env: { ...cleanEnvironment(), ...bench.ourEnvironment(omie.origin, measuredCompanies) },
        },
        { command: command(compiledBench('servers/sdk-v1.js')), env: bench.scriptEnvironment(sdkEnv) },
      ],
    };
    const output = await runToEnd([compiledBench('load/start-up.js'), JSON.stringify(plan)], LOAD_CORE, 120_000);
    const [ours = [], sdk = []] = timesSchema.parse(JSON.parse(output));
    return [
      {
        what: `From spawn to tools/list answered, stdio, ${toolCount} tools, against the bare SDK v1`,
        goal: { atMost: 1.1 },
        value: ratioOfMedians(ours, sdk),
        unit: '×',
        detail: `ours ${spread(ours)}; SDK v1 ${spread(sdk)} ms`,
        problems: [],
      },
    ];
  },
};
