import { type Bench, heapFlags } from '../bench.ts';
import { openHttpSession } from '../load/http-session.ts';
import { loadSpecSchema } from '../load/load-spec.ts';
import type { Measure } from '../measure.ts';
import type { RunningServer } from '../processes.ts';
import { spread } from '../rounds.ts';
import { median } from '../statistics.ts';

const TOOLS = 100;
/** Opened before the count begins: the first ones pay for code and tables that all share. */
const FIRST_SESSIONS = 100;
const OPENED_AT_ONCE = 8;

export const idleSessions: Measure = {
  name: 'idle',
  async run(bench) {
    const sessions = bench.quick ? 200 : 1_000;
    const ours: number[] = [];
    const sdk: number[] = [];
    for (let round = 1; round <= (bench.quick ? 1 : 3); round += 1) {
      ours.push(await kilobytesEach(bench, 'ours-100-tools', sessions));
      if (round === 1) sdk.push(await kilobytesEach(bench, 'sdk-v1', sessions));
      bench.note(`  round ${round}: ${ours.at(-1)?.toFixed(1)} KB`);
    }
    return [
      {
        what: `Heap of an idle session, ${TOOLS} tools, over ${sessions.toLocaleString('en-US')} sessions`,
        goal: { atMost: 10 },
        value: median(ours),
        unit: ' KB',
        detail: `ours ${spread(ours, 1)} KB; SDK v1 ${spread(sdk, 1)} KB`,
        problems: [],
      },
    ];
  },
};

async function kilobytesEach(bench: Bench, script: string, sessions: number): Promise<number> {
  const env = { BENCH_TOOLS: String(TOOLS), BENCH_MODE: 'http' };
  const server = await bench.startScript(script, env, { nodeFlags: heapFlags });
  await openSessions(server, FIRST_SESSIONS);
  const before = await server.heapBytes();
  await openSessions(server, sessions);
  const after = await server.heapBytes();
  await bench.stopServers();
  return (after - before) / sessions / 1_024;
}

/** Sessions whose client went quiet: opened, their sockets closed, never deleted. */
async function openSessions({ origin }: RunningServer, count: number): Promise<void> {
  const spec = loadSpecSchema.parse({
    transport: 'http',
    origin,
    method: 'tools/list',
    sessions: 1,
    inFlight: 1,
    warmUpMs: 0,
    measureMs: 0,
  });
  let left = count;
  const opener = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      const session = await openHttpSession(spec);
      session.close();
    }
  };
  await Promise.all(Array.from({ length: OPENED_AT_ONCE }, opener));
}
