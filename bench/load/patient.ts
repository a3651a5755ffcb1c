/**
 * Clients beside a flood that ask now and then and, when turned away, wait as long as they are told: in a process of their own,
 * so that what they wait is the server's doing and not that of a load generator with thousands of sockets to look after. Prints
 * what they waited, and how late this process was itself.
 */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { quantile } from '../statistics.ts';
import { HttpConnection } from './http-connection.ts';

const planSchema = z.object({
  origin: z.string(),
  path: z.string(),
  body: z.string(),
  warmUpMs: z.number(),
  measureMs: z.number(),
});
const plan = planSchema.parse(JSON.parse(process.argv[2] ?? ''));

const CLIENTS = 100;
/** Between an answer and the next question of the same client: together they are a small part of what the server can do. */
const PAUSE_MS = 500;
const PROBE_EVERY_MS = 25;
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
  answeredMs: finite(quantile(answered, 0.99)),
  refusedMs: finite(quantile(refused, 0.99)),
  answers: answered.length,
  seconds: plan.measureMs / 1_000,
  refusals: refused.length,
  healthMs: quantile(health, 0.99),
  probes: health.length,
  ownMs: Math.max(0, own.percentile(99) / 1e6 - RESOLUTION_MS),
};
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));

async function ask(connection: HttpConnection): Promise<void> {
  for (;;) {
    await sleep(PAUSE_MS * (0.5 + Math.random()));
    const counts = measuring;
    const sentAt = performance.now();
    const { status, retryAfter } = await connection.post(plan.path, {}, plan.body);
    if (counts) (status === 200 ? answered : refused).push(performance.now() - sentAt);
    if (status !== 200) await sleep(Number(retryAfter ?? 1) * 1_000);
  }
}

async function probeHealth(connection: HttpConnection): Promise<void> {
  for (;;) {
    const counts = measuring;
    const sentAt = performance.now();
    await connection.stream('/health', {}, () => {});
    if (counts) health.push(performance.now() - sentAt);
    await sleep(PROBE_EVERY_MS);
  }
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
