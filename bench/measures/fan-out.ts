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

const wallsSchema = z.array(z.array(z.number()));

export const fanOut: Measure = {
  name: 'fan-out',
  async run(bench) {
    const omie = await bench.startOmie(LATENCY_MS);
    const shapes = shapesWithin(bench.quick ? 1 : LONGEST_SECONDS);
    const plan = { baseUrl: `${omie.origin}/api/v1/`, rounds: bench.quick ? 1 : 5, shapes };
    const script = compiledBench('load/fan-out.js');
    const walls = wallsSchema.parse(JSON.parse(await runToEnd([script, JSON.stringify(plan)], SERVER_CORE, 300_000)));
    return shapes.map((shape, index) => rowOf(shape, walls[index] ?? []));
  },
};

function shapesWithin(seconds: number): Shape[] {
  const all = [1, 10, 50, 200].flatMap((companies) => [1, 10].map((pages) => ({ companies, pages })));
  return all.filter((shape) => leastOf(shape) <= seconds);
}

function leastOf(shape: Shape): number {
  return leastSeconds({ ...shape, latencySeconds: LATENCY_MS / 1_000 });
}

function rowOf(shape: Shape, walls: readonly number[]): Row {
  const least = leastOf(shape);
  return {
    what: `All pages of ${shape.companies} companies × ${shape.pages} at ${LATENCY_MS} ms, against the least Omie's limits allow`,
    goal: { atMost: shape.companies <= 50 ? 1.1 : 1.3 },
    value: median(walls) / least,
    unit: '×',
    detail: `${spread(walls, 2)} s; least ${least.toFixed(2)} s`,
    problems: [],
  };
}
