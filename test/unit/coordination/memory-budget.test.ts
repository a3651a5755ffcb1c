import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallLimits } from '../../../src/coordination/call-limits.ts';
import { MemoryBudget } from '../../../src/coordination/memory-budget.ts';

const limits: CallLimits = { windowMs: 1_000, perAddress: 20, perLane: 8, parallel: 4, shareFrom: 14 };

interface Sent {
  readonly replica: number;
  readonly company: string;
  readonly lane: string;
  readonly at: number;
  readonly until: number;
}

const request = (
  company: string,
  lane: string,
  more: { perMinute?: number; parallel?: number; holdMs?: number } = {},
) => ({
  company,
  lane: `${company} ${lane}`,
  perMinute: more.perMinute,
  parallel: more.parallel ?? 4,
  holdMs: more.holdMs ?? 300,
});

/** Most in any window, counting a call as inside for `windowMs` after it left. */
function busiest(sent: readonly Sent[]): number {
  return Math.max(
    0,
    ...sent.map(({ at }) => sent.filter((one) => one.at <= at && one.at > at - limits.windowMs).length),
  );
}

const visits = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 60 }),
    replica: fc.integer({ min: 0, max: 2 }),
    company: fc.constantFrom('a', 'b', 'c'),
    lane: fc.constantFrom('x', 'y'),
    runsMs: fc.integer({ min: 1, max: 200 }),
  }),
  { minLength: 30, maxLength: 200 },
);

describe('MemoryBudget', () => {
  it('never goes beyond a limit in any sliding window, and refuses only what would', async () => {
    await fc.assert(
      fc.asyncProperty(visits, async (asked) => {
        let now = 1_000_000;
        const budget = new MemoryBudget({ limits, replica: 'r', now: () => now });
        const sent: Sent[] = [];
        const ends: { at: number; ticket: string }[] = [];
        for (const { afterMs, company, lane, runsMs } of asked) {
          now += afterMs;
          for (const end of ends.filter(({ at }) => at <= now)) budget.release(end.ticket);
          const wanted = request(company, lane);
          const inWindow = sent.filter(({ at }) => at > now - limits.windowMs);
          const running = sent.filter((one) => one.lane === wanted.lane && one.until > now).length;
          const ofCompany = inWindow.filter((one) => one.company === company).length;
          const active = new Set(inWindow.map((one) => one.company)).size;
          const room =
            inWindow.length < limits.perAddress &&
            inWindow.filter((one) => one.lane === wanted.lane).length < limits.perLane &&
            running < limits.parallel &&
            (inWindow.length < limits.shareFrom || ofCompany < limits.perAddress / (active + 1));
          const grant = await budget.take(wanted);
          expect(grant.kind === 'granted').toBe(room);
          if (grant.kind !== 'granted') {
            expect(grant.waitMs).toBeGreaterThan(0);
            continue;
          }
          ends.push({ at: now + runsMs, ticket: grant.ticket });
          sent.push({ replica: 0, company, lane: wanted.lane, at: now, until: now + runsMs });
        }
        expect(busiest(sent)).toBeLessThanOrEqual(limits.perAddress);
      }),
      { numRuns: 150 },
    );
  });

  it('alone, replicas that knew the same stay within every limit together, from the first moment', async () => {
    await fc.assert(
      fc.asyncProperty(visits, visits, fc.integer({ min: 3, max: 5 }), async (before, after, parts) => {
        let now = 1_000_000;
        const budgets = [0, 1, 2].map((one) => new MemoryBudget({ limits, replica: `r${one}`, now: () => now }));
        const sent: Sent[] = [];
        const make = async (visit: (typeof before)[number], heard: boolean): Promise<void> => {
          now += visit.afterMs;
          const wanted = request(visit.company, visit.lane, { holdMs: visit.runsMs });
          const grant = await budgets[visit.replica]?.take(wanted);
          if (grant?.kind !== 'granted') return;
          const { company, lane } = wanted;
          sent.push({ replica: visit.replica, company, lane, at: now, until: now + visit.runsMs });
          if (!heard) return;
          for (const [index, other] of budgets.entries()) {
            if (index === visit.replica) continue;
            other.hear({ id: grant.ticket, company, lane, ageMs: 0, heldMs: visit.runsMs });
          }
        };
        for (const visit of before) await make(visit, true);
        for (const budget of budgets) budget.goAlone(parts);
        for (const visit of after) await make(visit, false);
        expect(busiest(sent)).toBeLessThanOrEqual(limits.perAddress);
        for (const lane of new Set(sent.map((one) => one.lane)))
          expect(busiest(sent.filter((one) => one.lane === lane))).toBeLessThanOrEqual(limits.perLane);
      }),
      { numRuns: 150 },
    );
  });

  it('alone, still lets calls through when the others had used nearly everything', async () => {
    let now = 0;
    const budget = new MemoryBudget({ limits, replica: 'r', now: () => now });
    for (let call = 0; call < 20; call += 1)
      budget.hear({ id: `o:${call}`, company: 'a', lane: `a ${call % 5}`, ageMs: 0, heldMs: 0 });
    budget.goAlone(4);
    expect((await budget.take(request('b', 'x'))).kind).toBe('later');
    now = 1_001;
    const grants = [];
    for (let call = 0; call < 8; call += 1) grants.push(await budget.take(request('b', `m${call}`)));
    expect(grants.filter(({ kind }) => kind === 'granted')).toHaveLength(5);
    budget.rejoin();
    expect((await budget.take(request('c', 'x'))).kind).toBe('granted');
  });

  it('gives a place back when its call ends, when its time is over, and uncounted when nothing was sent', async () => {
    let now = 0;
    const budget = new MemoryBudget({ limits: { ...limits, parallel: 1 }, replica: 'r', now: () => now });
    const first = await budget.take(request('a', 'x', { holdMs: 300 }));
    expect(await budget.take(request('a', 'x'))).toEqual({ kind: 'later', waitMs: 300, busy: true });
    let woken = 0;
    budget.whenFree('a x', () => {
      woken += 1;
    });
    if (first.kind === 'granted') budget.release(first.ticket);
    expect(woken).toBe(1);
    expect((await budget.take(request('a', 'x', { holdMs: 300 }))).kind).toBe('granted');
    now = 300;
    for (let call = 0; call < 40; call += 1) {
      const grant = await budget.take(request('a', 'x'));
      expect(grant.kind).toBe('granted');
      if (grant.kind === 'granted') budget.release(grant.ticket, 'unused');
    }
  });

  it('holds a company to its owner’s limit and a lane to a pause', async () => {
    let now = 0;
    const budget = new MemoryBudget({ limits, replica: 'r', now: () => now });
    for (let call = 0; call < 3; call += 1)
      expect((await budget.take(request('a', `m${call}`, { perMinute: 3 }))).kind).toBe('granted');
    expect(await budget.take(request('a', 'other', { perMinute: 3 }))).toMatchObject({ waitMs: 1_000, busy: false });
    budget.pause('b x', 500);
    expect(await budget.take(request('b', 'x'))).toEqual({ kind: 'later', waitMs: 500, busy: false });
    now = 500;
    expect((await budget.take(request('b', 'x'))).kind).toBe('granted');
  });
});
