/**
 * A few clients that ask now and then beside a flood, in a process of their own: what they wait is the server's doing and not that
 * of a load generator with thousands of sockets to look after. Prints what they waited, and how late this process was itself.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { HttpConnection } from './http-connection.ts';

const planSchema = z.object({
  origin: z.string(),
  path: z.string(),
  body: z.string(),
  warmUpMs: z.number(),
  measureMs: z.number(),
});
const plan = planSchema.parse(JSON.parse(process.argv[2] ?? ''));

const CLIENTS = 4;
const PAUSE_MS = 25;
const RESOLUTION_MS = 5;

const answered: number[] = [];
const refused: number[] = [];
const health: number[] = [];
let measuring = false;
const own = monitorEventLoopDelay({ resolution: RESOLUTION_MS });

for (let client = 0; client < CLIENTS; client += 1) void ask(new HttpConnection(plan.origin));
void probeHealth(new HttpConnection(plan.origin));
await sleep(plan.warmUpMs);
own.enable();
measuring = true;
await sleep(plan.measureMs);
const outcome = {
  answeredMs: p99(answered),
  refusedMs: p99(refused),
  refusals: refused.length,
  healthMs: p99(health),
  probes: health.length,
  ownMs: Math.max(0, own.percentile(99) / 1e6 - RESOLUTION_MS),
};
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));

async function ask(connection: HttpConnection): Promise<void> {
  for (;;) {
    const sentAt = performance.now();
    const { status } = await connection.post(plan.path, {}, plan.body);
    if (measuring) (status === 200 ? answered : refused).push(performance.now() - sentAt);
    await sleep(PAUSE_MS);
  }
}

async function probeHealth(connection: HttpConnection): Promise<void> {
  for (;;) {
    const sentAt = performance.now();
    await connection.stream('/health', {}, () => {});
    if (measuring) health.push(performance.now() - sentAt);
    await sleep(PAUSE_MS);
  }
}

function p99(times: number[]): number {
  times.sort((one, another) => one - another);
  return times[Math.floor(times.length * 0.99)] ?? 0;
}
