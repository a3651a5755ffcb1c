import { randomUUID } from 'node:crypto';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CallLimits } from '../../../src/coordination/call-limits.ts';
import type { CallGrant, CallRequest } from '../../../src/coordination/coordination.ts';
import { MemoryBudget } from '../../../src/coordination/memory-budget.ts';
import { findPostgres, startPostgres, type TestPostgres } from '../../support/postgres.ts';
import { openReplica, type Replica, until } from './open-replica.ts';

const bin = await findPostgres();
const limits: CallLimits = { windowMs: 61_000, perAddress: 20, perLane: 8, parallel: 4, shareFrom: 14 };

const commands = fc.array(
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({
        kind: fc.constant('take' as const),
        company: fc.constantFrom('a', 'b', 'c', 'd'),
        lane: fc.constantFrom('x', 'y', 'z'),
        perMinute: fc.constantFrom(undefined, 3, 6, 960),
        parallel: fc.integer({ min: 1, max: 5 }),
      }),
    },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant('end' as const), which: fc.nat(20) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('unused' as const), which: fc.nat(20) }) },
    {
      weight: 1,
      arbitrary: fc.record({ kind: fc.constant('pause' as const), lane: fc.constantFrom('a x', 'b y') }),
    },
  ),
  { minLength: 20, maxLength: 60 },
);

describe.skipIf(bin === undefined)('PostgresBudget', () => {
  let postgres: TestPostgres;
  const open: Replica[] = [];
  const replica = async (some: CallLimits = limits, address = randomUUID()): Promise<Replica> => {
    const one = await openReplica(postgres.url, some, { address });
    open.push(one);
    return one;
  };

  beforeAll(async () => {
    postgres = await startPostgres(bin ?? '');
  });
  afterAll(async () => {
    for (const { link } of open) await link.close();
    await postgres?.close();
  });

  it('decides as the memory does, command for command', async () => {
    await fc.assert(
      fc.asyncProperty(commands, async (script) => {
        const salt = randomUUID();
        const { budget, link, events } = await openReplica(postgres.url, limits, { address: salt });
        const memory = new MemoryBudget({ limits, replica: 'memory', now: () => performance.now() });
        const granted: { ours: string; theirs: string }[] = [];
        try {
          for (const command of script) {
            if (command.kind === 'take') {
              const request: CallRequest = {
                // Companies count over all addresses: each run has its own.
                company: `${salt} ${command.company}`,
                lane: `${command.company} ${command.lane}`,
                perMinute: command.perMinute,
                parallel: command.parallel,
                holdMs: 60_000,
              };
              const [ours, theirs] = [await memory.take(request), await budget.take(request)];
              // A machine so slow that the database seems lost: who goes on alone decides alone.
              fc.pre(events.every(({ state }) => state === 'up'));
              expect(verdict(theirs)).toBe(verdict(ours));
              if (ours.kind === 'granted' && theirs.kind === 'granted')
                granted.push({ ours: ours.ticket, theirs: theirs.ticket });
              else if (ours.kind === 'later' && theirs.kind === 'later')
                expect(Math.abs(ours.waitMs - theirs.waitMs)).toBeLessThan(10_000);
            } else if (command.kind === 'pause') {
              memory.pause(command.lane, 60_000);
              budget.pause(command.lane, 60_000);
              // The pause goes its own way to the database.
              const noted = 'SELECT 1 FROM omie_mcp_hub.pauses WHERE address = $1 AND lane = $2';
              await until(async () => (await link.query(noted, [salt, command.lane])).length > 0);
            } else {
              const [call] = granted.splice(command.which % Math.max(1, granted.length), 1);
              if (call === undefined) continue;
              const unused = command.kind === 'unused' ? 'unused' : undefined;
              memory.release(call.ours, unused);
              budget.release(call.theirs, unused);
            }
          }
        } finally {
          await link.close();
        }
      }),
      // Each case is a conversation with a database: making a failed one smaller would take minutes.
      { numRuns: 25, endOnFailure: true },
    );
  }, 180_000);

  it('whoever asks after a call has ended finds its place free, also while another end is on its way', async () => {
    const { budget } = await replica({ ...limits, perAddress: 960, perLane: 240, shareFrom: 900 });
    const ask = (lane: string): Promise<CallGrant> =>
      budget.take({ company: lane, lane, perMinute: undefined, parallel: 1, holdMs: 60_000 });
    const ticketOf = (grant: CallGrant): string => (grant.kind === 'granted' ? grant.ticket : expect.fail('no place'));
    for (let round = 0; round < 20; round += 1) {
      const [first, second] = await Promise.all([ask('first'), ask('second')]);
      budget.release(ticketOf(first));
      // By now the end of the first is on its way to the database.
      await new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
      budget.release(ticketOf(second));
      budget.release(ticketOf(await ask('second')));
    }
  });

  it('three replicas that flood together never go beyond a limit, and together use it up', async () => {
    const fast = { ...limits, windowMs: 1_500, perAddress: 30, perLane: 12, shareFrom: 24 };
    const address = randomUUID();
    const three = await Promise.all([replica(fast, address), replica(fast, address), replica(fast, address)]);
    const sent: { lane: string; at: number; until: number }[] = [];
    const endAt = performance.now() + 4_000;
    const ask = async ({ budget }: Replica, company: string, method: string): Promise<void> => {
      const lane = `${address} ${company} ${method}`;
      while (performance.now() < endAt) {
        const request = { company: `${address} ${company}`, lane, perMinute: undefined, parallel: 4, holdMs: 5_000 };
        const grant = await budget.take(request);
        if (grant.kind === 'later') {
          await new Promise((resolve) => setTimeout(resolve, Math.min(grant.waitMs, 20)));
          continue;
        }
        const call = { lane, at: performance.now(), until: Number.POSITIVE_INFINITY };
        sent.push(call);
        await new Promise((resolve) => setTimeout(resolve, 5 + Math.random() * 15));
        call.until = performance.now();
        budget.release(grant.ticket);
      }
    };
    await Promise.all(
      three.flatMap((one) =>
        ['a', 'b'].flatMap((company) => ['x', 'x', 'x', 'y'].map((method) => ask(one, company, method))),
      ),
    );
    const stamps = await postgres.query(
      'SELECT lane, extract(epoch FROM at)::float8 * 1000 AS at FROM omie_mcp_hub.calls WHERE address = $1',
      [address],
    );
    // The database's own stamps: exact, and whatever is left of the last windows.
    const times = stamps.map((row) => Number(row['at'])).toSorted((a, b) => a - b);
    for (const at of times)
      expect(times.filter((time) => time <= at && time > at - fast.windowMs).length).toBeLessThanOrEqual(30);
    expect(times.length).toBeGreaterThan(20);
    for (const lane of new Set(sent.map((one) => one.lane))) {
      const ofLane = sent.filter((one) => one.lane === lane);
      for (const { until: end } of ofLane)
        expect(ofLane.filter((one) => one.at < end && one.until >= end).length).toBeLessThanOrEqual(4);
    }
    // 4 s are two whole windows and a part: less than twice the limit would mean that places got lost.
    expect(sent.length).toBeGreaterThanOrEqual(60);
    expect(sent.length).toBeLessThanOrEqual(30 * 3 + 3);
  }, 20_000);

  it('wakes a replica whose lane was full when another one’s call has ended, and gives back what a dead one held', async () => {
    const address = randomUUID();
    const [a, b] = [await replica(limits, address), await replica(limits, address)];
    const request = { company: address, lane: `${address} x`, perMinute: undefined, parallel: 1, holdMs: 2_000 };
    const first = await a.budget.take(request);
    expect(await b.budget.take(request)).toMatchObject({ kind: 'later', busy: true });
    const woken = new Promise<void>((resolve) => void b.budget.whenFree(request.lane, resolve));
    if (first.kind === 'granted') a.budget.release(first.ticket);
    await woken;
    expect((await b.budget.take(request)).kind).toBe('granted');
    // From here b's call is never ended, as if its process had been killed.
    expect((await a.budget.take(request)).kind).toBe('later');
    await new Promise((resolve) => setTimeout(resolve, 2_100));
    expect((await a.budget.take(request)).kind).toBe('granted');
  });

  it('a pause that Omie asked of one replica holds for the others; another address has its own', async () => {
    const address = randomUUID();
    const [a, b, elsewhere] = [await replica(limits, address), await replica(limits, address), await replica()];
    const request = { company: address, lane: `${address} p`, perMinute: undefined, parallel: 4, holdMs: 400 };
    a.budget.pause(request.lane, 30_000);
    await until(async () => (await b.budget.take(request)).kind === 'later', 2_000);
    const later = await b.budget.take(request);
    expect(later.kind === 'later' && later.waitMs).toBeGreaterThan(25_000);
    expect((await elsewhere.budget.take(request)).kind).toBe('granted');
  });

  it('two hundred calls at once are few round trips', async () => {
    const wide = { ...limits, perAddress: 912, perLane: 228, shareFrom: 720 };
    const { budget, link } = await replica(wide);
    let statements = 0;
    const query = link.query.bind(link);
    link.query = (text, values) => {
      if (text.includes('take_v1')) statements += 1;
      return query(text, values);
    };
    const salt = randomUUID();
    const grants = await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        budget.take({
          company: `${salt} ${index}`,
          lane: `${salt} ${index} x`,
          perMinute: 60,
          parallel: 2,
          holdMs: 1_000,
        }),
      ),
    );
    expect(grants.every(({ kind }) => kind === 'granted')).toBe(true);
    expect(statements).toBe(1);
  });

  it('without the database each replica goes on with its part, and both come back', async () => {
    const address = randomUUID();
    const [a, b] = [await replica(limits, address), await replica(limits, address)];
    const request = (call: number): CallRequest => ({
      company: `${address} ${call % 3}`,
      lane: `${address} ${call}`,
      perMinute: undefined,
      parallel: 4,
      holdMs: 100,
    });
    for (let call = 0; call < 6; call += 1) expect((await a.budget.take(request(call))).kind).toBe('granted');
    // b hears of a's calls within a beat.
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    await postgres.stop();
    const granted = { a: 0, b: 0 };
    for (let call = 10; call < 40; call += 1) {
      if ((await a.budget.take(request(call))).kind === 'granted') granted.a += 1;
      if ((await b.budget.take(request(call + 100))).kind === 'granted') granted.b += 1;
    }
    expect(granted).toEqual({ a: 7, b: 7 });
    expect(a.link.problem).toMatch(/banco de dados/);
    expect(JSON.stringify([...a.events, ...b.events, a.link.problem])).not.toMatch(
      /only-for-this-test|127\.0\.0\.1|hub:/,
    );
    await postgres.start();
    await until(() => a.link.isUp && b.link.isUp && !a.budget.isAlone && !b.budget.isAlone, 20_000);
    // What was done meanwhile was told: all 20 places of the minute are taken.
    const [{ n } = { n: 0 }] = await postgres.query(
      'SELECT count(*)::int AS n FROM omie_mcp_hub.calls WHERE address = $1',
      [address],
    );
    expect(n).toBe(20);
    expect((await a.budget.take(request(50))).kind).toBe('later');
  }, 40_000);

  it('a crash of the database takes nothing away that a replica knows', async () => {
    const address = randomUUID();
    const { budget, link } = await replica(limits, address);
    const request = { company: address, lane: `${address} x`, perMinute: undefined, parallel: 4, holdMs: 0 };
    for (let call = 0; call < 8; call += 1) expect((await budget.take(request)).kind).toBe('granted');
    await postgres.stop('immediate');
    await postgres.start();
    await until(() => link.isUp && !budget.isAlone, 20_000);
    expect(await budget.take(request)).toMatchObject({ kind: 'later', busy: false });
  }, 40_000);
});

const verdict = (grant: CallGrant): string =>
  grant.kind === 'granted' ? 'granted' : grant.busy ? 'another must end first' : 'the minute is full';
