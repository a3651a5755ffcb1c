import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JournalEntry } from '../../src/simulator/journal.ts';
import { findPostgres } from '../support/postgres.ts';
import { ask, question, type Replica, type SharedBench, startSharedBench } from '../support/replicas.ts';

const bin = await findPostgres();

/** Most entries in any span of a minute. */
function busiestMinute(entries: readonly JournalEntry[]): number {
  const times = entries.map(({ at }) => at.getTime()).toSorted((a, b) => a - b);
  let from = 0;
  let most = 0;
  times.forEach((time, index) => {
    while (time - (times[from] ?? 0) >= 60_000) from += 1;
    most = Math.max(most, index - from + 1);
  });
  return most;
}

describe.skipIf(bin === undefined)('two flooded replicas and one database', () => {
  let shared: SharedBench;
  let replicas: readonly Replica[] = [];

  beforeAll(async () => {
    shared = await startSharedBench(bin ?? '', { companies: 6, latencyMs: 20 });
    replicas = await Promise.all([shared.start(), shared.start()]);
  }, 60_000);
  afterAll(() => shared?.close());

  it('stay within Omie’s limits together, and use them', async () => {
    const outcomes = new Map<string, number>();
    const refusals = (): number => outcomes.get('omie_limite') ?? 0;
    const flood = async (companies: readonly string[], questions: number): Promise<void> => {
      const enough = refusals() + 50;
      const work = companies.flatMap((company) =>
        Array.from({ length: questions }, (_, serial) => ({ company, serial })),
      );
      const serve = async (replica: Replica, mine: typeof work): Promise<void> => {
        // Some refusals show that a limit was met; who is refused late would wait for the next minute.
        for (let one = mine.pop(); one !== undefined && refusals() < enough; one = mine.pop()) {
          const { status, code = 'ok' } = await ask(replica, one.company, question(one.serial));
          const outcome = status === 200 ? 'ok' : code;
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
        }
      };
      await Promise.all(
        replicas.flatMap((replica, half) => {
          // Every seventh question goes to both.
          const mine = work.filter((_, index) => index % 2 === half || index % 7 === 0);
          return Array.from({ length: 40 }, () => serve(replica, mine));
        }),
      );
    };
    // One method of one company first, then everybody.
    await flood(['empresa_001'], 400);
    await flood(['empresa_002', 'empresa_003', 'empresa_004', 'empresa_005', 'empresa_006'], 230);

    const all = shared.journal();
    expect(busiestMinute(all)).toBeLessThanOrEqual(960);
    const lanes = new Map<string, JournalEntry[]>();
    for (const entry of all) {
      const lane = `${entry.appKey} ${entry.call}`;
      lanes.set(lane, [...(lanes.get(lane) ?? []), entry]);
    }
    for (const entries of lanes.values()) expect(busiestMinute(entries)).toBeLessThanOrEqual(240);
    expect(Math.max(...all.map(({ inFlight }) => inFlight))).toBe(4);
    // Not one refusal: no limit, no repeat, no two at once too many.
    expect(all.filter(({ outcome }) => !['ok', 'EMPTY'].includes(outcome))).toEqual([]);
    expect([...outcomes.keys()].toSorted()).toEqual(['ok', 'omie_limite']);
    // The limits are used, not merely kept: a method's, and the address's up to where equal shares begin.
    expect(Math.max(...[...lanes.values()].map(({ length }) => length))).toBeGreaterThan(200);
    expect(all.length).toBeGreaterThan(700);
  }, 300_000);
});
