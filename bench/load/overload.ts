/** Impatient clients: each asks again as soon as it has an answer or was turned away. Prints what became of them. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { HttpConnection } from './http-connection.ts';

const planSchema = z.object({
  origin: z.string(),
  path: z.string(),
  body: z.string(),
  clients: z.number().int(),
  warmUpMs: z.number(),
  measureMs: z.number(),
});
const plan = planSchema.parse(JSON.parse(process.argv[2] ?? ''));

const RESOLUTION_MS = 5;

const answered: number[] = [];
const refused: number[] = [];
const other: number[] = [];
let measuring = false;
let running = true;

const clients = Array.from({ length: plan.clients }, () => ask());
const own = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
await sleep(plan.warmUpMs);
measuring = true;
own.enable();
const startedAt = performance.now();
await sleep(plan.measureMs);
const seconds = (performance.now() - startedAt) / 1_000;
running = false;
const outcome = {
  goodPerSecond: answered.length / seconds,
  refusedPerSecond: refused.length / seconds,
  other: other.length,
  refusedMs: p99(refused),
  answeredMs: p99(answered),
  ownMs: Math.max(0, own.percentile(99) / 1e6 - RESOLUTION_MS),
};
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
await Promise.all(clients);

async function ask(): Promise<void> {
  const connection = new HttpConnection(plan.origin);
  while (running) {
    const sentAt = performance.now();
    const { status } = await connection.post(plan.path, {}, plan.body);
    if (!measuring) continue;
    const list = status === 200 ? answered : status === 503 || status === 429 ? refused : other;
    list.push(performance.now() - sentAt);
  }
}

function p99(times: number[]): number {
  times.sort((one, another) => one - another);
  return times[Math.floor(times.length * 0.99)] ?? 0;
}
