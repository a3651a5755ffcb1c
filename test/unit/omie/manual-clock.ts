/** Time that moves only when told, running what falls due in order. */
import type { Clock } from '../../../src/omie/clock.ts';

export interface ManualClock extends Clock {
  /** Moves on by `ms`, stopping at each timer on the way and letting promises settle there. */
  advance(ms: number): Promise<void>;
}

export function manualClock(startMs = Date.UTC(2026, 10, 20, 18)): ManualClock {
  let now = startMs;
  let serial = 0;
  const timers = new Map<number, { at: number; run: () => void }>();
  return {
    now: () => now,
    after: (ms, run) => {
      serial += 1;
      const id = serial;
      timers.set(id, { at: now + Math.max(0, ms), run });
      return () => timers.delete(id);
    },
    advance: async (ms) => {
      const until = now + ms;
      await settle();
      for (;;) {
        const [next] = [...timers].filter(([, { at }]) => at <= until).sort(([a, x], [b, y]) => x.at - y.at || a - b);
        if (next === undefined) break;
        timers.delete(next[0]);
        now = Math.max(now, next[1].at);
        next[1].run();
        await settle();
      }
      now = until;
    },
  };
}

/** Lets every promise that can settle do so. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) await Promise.resolve();
}
