import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LoadGauge } from '../../../src/http/load-gauge.ts';

/** A gauge whose loop is late as told, asked once a window, in a process that has part of a core. */
function gaugeWith(delays: readonly number[], cpuShare = 1): number[] {
  let now = 0;
  let at = -1;
  const gauge = new LoadGauge({ now: () => now, readDelayMs: () => delays[at] ?? 0, readCpuMs: () => now * cpuShare });
  return delays.map(() => {
    now += 250;
    at += 1;
    return gauge.share;
  });
}

it('turns nobody away for one pause', () => {
  expect(gaugeWith([0, 5_000, 0, 300, 0])).toEqual([0, 0, 0, 0, 0]);
});

it('turns more away the longer the loop is late, and fewer once it is not', () => {
  const shares = gaugeWith([400, 400, 400, 400, 0, 0]);
  expect(shares.map((share) => Math.round(share * 100))).toEqual([0, 20, 40, 60, 50, 40]);
});

it('turns nobody away when others keep the machine busy', () => {
  expect(gaugeWith([400, 400, 400, 400], 0.2)).toEqual([0, 0, 0, 0]);
});

it('forgets a bad time when nobody came for long', () => {
  let now = 0;
  let delay = 1_000;
  const gauge = new LoadGauge({ now: () => now, readDelayMs: () => delay, readCpuMs: () => now });
  for (let n = 0; n < 10; n += 1) {
    now += 250;
    expect(gauge.share).toBeLessThan(1);
  }
  expect(gauge.share).toBe(0.95);
  now += 60_000;
  delay = 0;
  expect(gauge.share).toBe(0);
});

it('always lets somebody in', () => {
  const delays = fc.array(fc.integer({ min: 0, max: 100_000 }), { maxLength: 50 });
  fc.assert(fc.property(delays, (late) => gaugeWith(late).every((share) => share >= 0 && share <= 0.95)));
});

it('sees a loop that is really late', async () => {
  const gauge = new LoadGauge({ random: () => 0, readCpuMs: () => performance.now() });
  const block = (): void => {
    const until = performance.now() + 450;
    while (performance.now() < until);
  };
  let shed = false;
  for (let n = 0; n < 12 && !shed; n += 1) {
    block();
    shed = gauge.sheds();
    await new Promise((resolve) => setImmediate(resolve));
  }
  gauge.close();
  expect(shed).toBe(true);
});
