/** Impatient clients: each asks again as soon as it has an answer or was turned away. Prints what became of them. */
import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { cpuMicros } from '../cpu-time.ts';
import { quantile } from '../statistics.ts';
import { LeanConnection } from './lean-connection.ts';

const planSchema = z.object({
  origin: z.string(),
  path: z.string(),
  body: z.string(),
  clients: z.number().int(),
  serverPid: z.number().int(),
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
const before = { at: performance.now(), own: process.cpuUsage(), server: cpuMicros(plan.serverPid) ?? Number.NaN };
await sleep(plan.measureMs);
const seconds = (performance.now() - before.at) / 1_000;
const { user, system } = process.cpuUsage(before.own);
const serverMicros = (cpuMicros(plan.serverPid) ?? Number.NaN) - before.server;
running = false;
const outcome = {
  goodPerSecond: answered.length / seconds,
  refusedPerSecond: refused.length / seconds,
  other: other.length,
  answeredMs: quantile(answered, 0.99),
  ownMs: Math.max(0, own.percentile(99) / 1e6 - RESOLUTION_MS),
  ownBusy: (user + system) / 1e6 / seconds,
  serverBusy: serverMicros / 1e6 / seconds,
};
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
await Promise.all(clients);

async function ask(): Promise<void> {
  let connection = new LeanConnection(plan.origin, plan.path);
  const head = connection.head({ 'content-type': 'application/json' });
  while (running) {
    const sentAt = performance.now();
    try {
      const { status } = await connection.post(head, plan.body);
      if (!measuring) continue;
      const list = status === 200 ? answered : status === 503 || status === 429 ? refused : other;
      list.push(performance.now() - sentAt);
    } catch {
      // Cut instead of answered: counted whenever it was.
      other.push(performance.now() - sentAt);
      connection = new LeanConnection(plan.origin, plan.path);
    }
  }
}
