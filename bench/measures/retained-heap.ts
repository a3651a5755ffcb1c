import { setTimeout as sleep } from 'node:timers/promises';
import { heapFlags } from '../bench.ts';
import type { Measure } from '../measure.ts';
import { measuredCall, measuredCompanies } from '../measured-call.ts';
import { runLoad } from '../rounds.ts';
import { eightByFour } from './eight-by-four.ts';

/** Enough for the JIT and every cache to reach their size. */
const FIRST_CALLS = 20_000;
/** Closed sockets leave a moment later. */
const SETTLE_MS = 500;

export const retainedHeap: Measure = {
  name: 'retained',
  async run(bench, { text }) {
    const calls = bench.quick ? 5_000 : 100_000;
    const omie = await bench.startOmie(0);
    const ours = await bench.startOurs(omie.origin, measuredCompanies, heapFlags);
    const { load } = eightByFour('ours', ours, { ...measuredCall, transport: 'http', expectedText: text });
    const call = async (maxCalls: number) => {
      const result = await runLoad({ ...load, maxCalls, warmUpMs: 0, measureMs: 90_000 });
      await sleep(SETTLE_MS);
      return result;
    };
    const first = await call(bench.quick ? calls : FIRST_CALLS);
    const before = await ours.heapBytes();
    const second = await call(calls);
    const after = await ours.heapBytes();
    const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
    return [
      {
        what: `Heap retained per call, over ${calls.toLocaleString('en-US')} calls`,
        goal: { atMost: 250 },
        value: (after - before) / second.calls,
        unit: ' B',
        detail: `${megabytes(before)} MB before, ${megabytes(after)} MB after ${second.calls.toLocaleString('en-US')} calls`,
        problems: [...first.problems, ...second.problems],
      },
    ];
  },
};
