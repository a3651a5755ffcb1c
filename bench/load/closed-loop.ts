import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuMicros } from '../cpu-time.ts';
import { quantile } from '../statistics.ts';
import { createAnswerCheck } from './check-answer.ts';
import type { CheckedLoadSpec, LoadResult } from './load-spec.ts';
import { requestBodies } from './messages.ts';
import { nextId, type Sender, type Session } from './session.ts';

/** Every sender sends its next request when the last one is answered: warm-up first, then the measured time. */
export async function runClosedLoop(spec: CheckedLoadSpec, sessions: readonly Session[]): Promise<LoadResult> {
  const bodyOf = requestBodies(spec);
  const check = createAnswerCheck(spec);
  const latencies: number[] = [];
  const problems = new Set<string>();
  let errors = 0;
  let sent = 0;
  const run = { measuring: spec.warmUpMs === 0, over: false };

  const loop = async (send: Sender, index: number, senders: readonly Sender[]): Promise<void> => {
    if (spec.rampMs > 0) await sleep((spec.rampMs * index) / senders.length);
    while (!run.over && sent < spec.maxCalls) {
      sent += 1;
      const id = nextId();
      const startedAt = performance.now();
      const problem = await send(bodyOf(id), id).then(
        (text) => check(text, id),
        (thrown: unknown) => String(thrown),
      );
      if (run.over) return;
      if (problem !== undefined) {
        // Errors of the warm-up count too: they say that the row measures something else.
        errors += 1;
        if (problems.size < 3) problems.add(problem);
        await sleep(5);
      } else if (run.measuring) latencies.push(performance.now() - startedAt);
    }
  };

  const pids = [spec.serverPid, ...sessions.map((session) => session.serverPid)].filter((pid) => pid !== undefined);
  const loops = Promise.all(sessions.flatMap((session) => session.senders).map(loop));
  await sleep(spec.warmUpMs);
  const before = { at: performance.now(), server: sumOf(pids), own: process.cpuUsage() };
  run.measuring = true;
  await Promise.race([loops, sleep(spec.measureMs)]);
  const seconds = (performance.now() - before.at) / 1_000;
  const server = sumOf(pids);
  const own = process.cpuUsage(before.own);
  run.over = true;

  const calls = latencies.length;
  return {
    calls,
    errors,
    problems: [...problems],
    seconds,
    callsPerSecond: calls / seconds,
    p50Ms: finite(quantile(latencies, 0.5)),
    p99Ms: finite(quantile(latencies, 0.99)),
    cpuMicrosPerCall:
      server === undefined || before.server === undefined || calls === 0 ? null : (server - before.server) / calls,
    generatorBusy: (own.user + own.system) / 1e6 / seconds,
  };
}

function sumOf(pids: readonly number[]): number | undefined {
  const times = pids.map(cpuMicros).filter((time) => time !== undefined);
  return times.length === 0 ? undefined : times.reduce((sum, time) => sum + time, 0);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
