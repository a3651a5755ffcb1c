import { z } from 'zod';
import { leastSeconds } from '../fan-out-limit.ts';
import { SERVER_CORE } from '../machine.ts';
import type { Measure, Row } from '../measure.ts';
import { compiledBench } from '../paths.ts';
import { runToEnd } from '../processes.ts';
import { spread } from '../rounds.ts';
import { median } from '../statistics.ts';

const LATENCY_MS = 200;
const LONGEST_SECONDS = 65;

interface Shape {
  readonly companies: number;
  readonly pages: number;
}

/** Seconds of each round: through our client, and with nothing but undici and JSON.parse. */
const wallsSchema = z.array(z.object({ ours: z.array(z.number()), bare: z.array(z.number()) }));
type Walls = z.output<typeof wallsSchema>[number];

export const fanOut: Measure = {
  name: 'fan-out',
  async run(bench) {
    const omie = await bench.startOmie(LATENCY_MS);
    const shapes = shapesWithin(bench.quick ? 1 : LONGEST_SECONDS);
    const plan = { baseUrl: `${omie.origin}/api/v1/`, rounds: bench.quick ? 1 : 5, shapes };
    const script = compiledBench('load/fan-out.js');
    const walls = wallsSchema.parse(JSON.parse(await runToEnd([script, JSON.stringify(plan)], SERVER_CORE, 300_000)));
    return shapes.map((shape, index) => rowOf(shape, walls[index] ?? { ours: [], bare: [] }));
  },
};

function shapesWithin(seconds: number): Shape[] {
  const all = [1, 10, 50, 200].flatMap((companies) => [1, 10].map((pages) => ({ companies, pages })));
  return all.filter((shape) => leastOf(shape) <= seconds);
}

function leastOf(shape: Shape): number {
  return leastSeconds({ ...shape, latencySeconds: LATENCY_MS / 1_000 });
}

function rowOf(shape: Shape, { ours, bare }: Walls): Row {
  const least = leastOf(shape);
  return {
    what: `All pages of ${shape.companies} companies × ${shape.pages} at ${LATENCY_MS} ms, against the least Omie's limits allow`,
    goal: { atMost: shape.companies <= 50 ? 1.1 : 1.3 },
    value: median(ours) / least,
    unit: '×',
    detail:
      `${spread(ours, 3)} s; least ${least.toFixed(2)} s; bare undici and JSON.parse ${spread(bare, 3)} s, ` +
      `${(median(bare) / least).toFixed(2)}× of the least, ours ${(median(ours) / median(bare)).toFixed(2)}× of that`,
    problems: [],
  };
}
