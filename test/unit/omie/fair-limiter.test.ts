import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FairLimiter } from '../../../src/omie/fair-limiter.ts';
import { OmieFault } from '../../../src/omie/faults.ts';
import { type ManualClock, manualClock } from './manual-clock.ts';

interface Sent {
  key: string;
  method: string;
  askedAt: number;
  at: number;
}

/** Asks for turns and holds each for `holdMs`; records when each was given. */
function desk(clock: ManualClock, limiter = new FairLimiter(clock), holdMs = 200) {
  const sent: Sent[] = [];
  const refused: unknown[] = [];
  const running = new Map<string, number>();
  let mostRunning = 0;
  const ask = async (key: string, method = 'Listar', perMinute?: number, patienceMs = 3_600_000): Promise<void> => {
    const askedAt = clock.now();
    try {
      const place = await limiter.acquire({ key, perMinute }, method, { deadlineAt: askedAt + patienceMs });
      sent.push({ key, method, askedAt, at: clock.now() });
      const lane = `${key} ${method}`;
      const now = (running.get(lane) ?? 0) + 1;
      running.set(lane, now);
      mostRunning = Math.max(mostRunning, now);
      clock.after(holdMs, () => {
        running.set(lane, (running.get(lane) ?? 0) - 1);
        place.release();
      });
    } catch (error) {
      refused.push(error);
    }
  };
  return { limiter, ask, sent, refused, most: () => mostRunning };
}

/** Most calls in any 60 s. */
function busiestMinute(sent: readonly Sent[]): number {
  const times = sent.map((one) => one.at).sort((left, right) => left - right);
  let from = 0;
  let most = 0;
  times.forEach((time, index) => {
    while (time - times[from]! >= 60_000) from += 1;
    most = Math.max(most, index - from + 1);
  });
  return most;
}

const p95 = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? 0;
const waits = (sent: readonly Sent[], key: string) =>
  sent.filter((one) => one.key === key).map((one) => one.at - one.askedAt);

describe('FairLimiter', () => {
  it('keeps Omie’s limits, and a flood waits behind itself and not before others', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ company: fc.integer({ min: 1, max: 19 }), atMs: fc.integer({ min: 0, max: 55_000 }) }), {
          minLength: 20,
          maxLength: 80,
        }),
        fc.integer({ min: 500, max: 1_500 }),
        async (visits, flood) => {
          const solo = await run(visits, 0);
          const { sent, most } = await run(visits, flood);
          expect(busiestMinute(sent)).toBeLessThanOrEqual(960);
          for (let method = 0; method < 4; method += 1) {
            const lane = sent.filter((one) => one.key === 'flood' && one.method === `M${method}`);
            expect(busiestMinute(lane)).toBeLessThanOrEqual(240);
          }
          expect(most()).toBeLessThanOrEqual(4);
          const others = (all: Sent[]) => all.filter((one) => one.key !== 'flood').map((one) => one.at - one.askedAt);
          expect(others(sent).length).toBe(visits.length);
          // A call that finds room goes at once; one timer's grain is no wait.
          expect(p95(others(sent))).toBeLessThanOrEqual(2 * p95(others(solo.sent)) + 1);
        },
      ),
      { numRuns: 12 },
    );

    async function run(visits: { company: number; atMs: number }[], flood: number) {
      const clock = manualClock();
      const one = desk(clock);
      for (let call = 0; call < flood; call += 1) void one.ask('flood', `M${call % 4}`);
      for (const { company, atMs } of visits) clock.after(atMs, () => void one.ask(`c${company}`));
      await clock.advance(60_000);
      return one;
    }
  }, 60_000);

  it('gives every company its share when all ask for everything', async () => {
    const clock = manualClock();
    const { ask, sent } = desk(clock);
    for (let call = 0; call < 100; call += 1) for (let company = 0; company < 20; company += 1) void ask(`c${company}`);
    await clock.advance(60_000);
    const counts = Array.from({ length: 20 }, (_, company) => waits(sent, `c${company}`).length);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(44);
    expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(4);
    expect(sent.length).toBeGreaterThanOrEqual(900);
    expect(sent.length).toBeLessThanOrEqual(960);
  });

  it('lets a burst use a fresh minute to the full, four at a time', async () => {
    const clock = manualClock();
    const { ask, sent, most } = desk(clock);
    for (let call = 0; call < 240; call += 1) void ask('c1');
    await clock.advance(60 * 200 + 80);
    expect(sent.length).toBe(240);
    expect(most()).toBe(4);
    expect(sent.filter((one) => one.at === sent[0]!.at).length).toBe(2);
  });

  it.each([480, 2_000])('holds to another limit of the address, %i a minute', async (perMinute) => {
    const clock = manualClock();
    const { ask, sent } = desk(clock, new FairLimiter(clock, perMinute));
    for (let call = 0; call < 20; call += 1)
      for (let company = 0; company < 120; company += 1) void ask(`c${company}`, 'Listar', 5_000);
    await clock.advance(60_000);
    expect(sent.length).toBe(perMinute);
  });

  it('holds to the limit its owner set', async () => {
    const clock = manualClock();
    const { ask, sent } = desk(clock);
    for (let call = 0; call < 100; call += 1) void ask('c1', `M${call % 5}`, 60);
    await clock.advance(60_000);
    expect(sent.length).toBe(60);
    await clock.advance(61_000);
    expect(sent.length).toBe(100);
  });

  it('meets one refusal on a method that takes one call at a time, then leaves it so for half an hour', async () => {
    const clock = manualClock();
    const limiter = new FairLimiter(clock);
    let running = 0;
    let refusals = 0;
    let answers = 0;
    const call = async (): Promise<void> => {
      const place = await limiter.acquire({ key: 'k' }, 'Serial', { deadlineAt: clock.now() + 7_200_000 });
      if (running > 0) {
        refusals += 1;
        limiter.refusedParallel('k', 'Serial');
        place.release('unanswered');
        return call();
      }
      running += 1;
      clock.after(200, () => {
        running -= 1;
        answers += 1;
        place.release();
      });
    };
    for (let index = 0; index < 100; index += 1) void call();
    await clock.advance(60_000);
    expect({ refusals, answers }).toEqual({ refusals: 1, answers: 100 });
    await clock.advance(1_700_000);
    for (let index = 0; index < 10; index += 1) void call();
    await clock.advance(10_000);
    expect(refusals).toBe(1);
    await clock.advance(120_000);
    for (let index = 0; index < 10; index += 1) void call();
    await clock.advance(10_000);
    expect({ refusals, answers }).toEqual({ refusals: 2, answers: 120 });
  });

  /** Twenty pages, the first alone, of a method at the end of a line; new connections cost two journeys there and back. */
  async function walkOverLine({ rttMs, serverMs, parallel }: { rttMs: number; serverMs: number; parallel: boolean }) {
    const clock = manualClock();
    const limiter = new FairLimiter(clock);
    const pass = (ms: number) => new Promise<void>((resolve) => void clock.after(ms, resolve));
    let [connections, running, refusals, answers, mostInFlight] = [0, 0, 0, 0, 0];
    const call = async (): Promise<void> => {
      const place = await limiter.acquire({ key: 'k' }, 'M', { deadlineAt: clock.now() + 7_200_000 });
      mostInFlight = Math.max(mostInFlight, limiter.inFlight);
      if (connections === 0) await pass(2 * rttMs);
      else connections -= 1;
      await pass(rttMs / 2);
      const isRefused = running > 0 && !parallel;
      if (!isRefused) {
        running += 1;
        await pass(serverMs);
        running -= 1;
      }
      await pass(rttMs / 2);
      connections += 1;
      if (isRefused) {
        refusals += 1;
        limiter.refusedParallel('k', 'M');
        place.release('unanswered');
        await pass(3_000);
        return call();
      }
      answers += 1;
      place.release();
    };
    const first = call();
    await clock.advance(10_000);
    await first;
    for (let page = 2; page <= 20; page += 1) void call();
    await clock.advance(60_000);
    return { refusals, answers, mostInFlight };
  }

  const lines = [
    { rttMs: 0, serverMs: 200 },
    { rttMs: 20, serverMs: 1_000 },
    { rttMs: 50, serverMs: 100 },
    { rttMs: 100, serverMs: 100 },
    { rttMs: 150, serverMs: 100 },
    { rttMs: 200, serverMs: 300 },
    { rttMs: 300, serverMs: 2_000 },
  ];
  it.each(lines)(
    'meets one refusal on a method that takes one at a time, however late it arrives: %o',
    async (line) => {
      const walk = await walkOverLine({ ...line, parallel: false });
      expect(walk).toEqual({ refusals: 1, answers: 20, mostInFlight: 2 });
    },
  );

  it.each(lines)('finds out that a method takes four at once: %o', async (line) => {
    expect(await walkOverLine({ ...line, parallel: true })).toEqual({ refusals: 0, answers: 20, mostInFlight: 4 });
  });

  it.each([0, 200, 350, 500, 600, 700])('finds it out when two ask in turns, %i ms apart', async (apart) => {
    const clock = manualClock();
    const limiter = new FairLimiter(clock);
    let most = 0;
    let ended = 0;
    const call = async (): Promise<void> => {
      const place = await limiter.acquire({ key: 'k' }, 'M', { deadlineAt: clock.now() + 7_200_000 });
      most = Math.max(most, limiter.inFlight);
      await new Promise<void>((resolve) => void clock.after(1_000, resolve));
      place.release();
      ended += 1;
    };
    /** As many at once as the method is known to take. */
    const walk = async (): Promise<void> => {
      for (let left = 20; left > 0; ) {
        const together = Math.min(left, limiter.allowanceOf('k', 'M'));
        left -= together;
        await Promise.all(Array.from({ length: together }, call));
      }
    };
    const walks = [walk()];
    await clock.advance(apart);
    walks.push(walk());
    await clock.advance(16_000);
    expect({ most, ended }).toEqual({ most: 4, ended: 40 });
    await Promise.all(walks);
  });

  it('takes no call that was not answered, or that was hardly beside another, for a proof that a method takes four', async () => {
    const clock = manualClock();
    const limiter = new FairLimiter(clock);
    const turn = () => limiter.acquire({ key: 'k' }, 'M', { deadlineAt: clock.now() + 60_000 });
    const [a, b] = [await turn(), await turn()];
    await clock.advance(200);
    a.release('unanswered');
    b.release();
    expect(limiter.allowanceOf('k', 'M')).toBe(2);
    const c = await turn();
    await clock.advance(150);
    const d = await turn();
    await clock.advance(50);
    c.release();
    await clock.advance(150);
    d.release();
    expect(limiter.allowanceOf('k', 'M')).toBe(2);
    const [e, f] = [await turn(), await turn()];
    await clock.advance(200);
    e.release();
    f.release();
    expect(limiter.allowanceOf('k', 'M')).toBe(4);
  });

  it('refuses at once a wait that cannot end in time, and says how long it would be', async () => {
    const clock = manualClock();
    const { ask, refused, sent } = desk(clock, undefined, 0);
    for (let call = 0; call < 240; call += 1) void ask('c1');
    await clock.advance(10_000);
    expect(sent.length).toBe(240);
    void ask('c1', 'Listar', undefined, 30_000);
    await clock.advance(0);
    expect(refused).toHaveLength(1);
    expect(refused[0]).toBeInstanceOf(OmieFault);
    expect(refused[0]).toMatchObject({ kind: 'rate', remembered: true });
    const { waitMs } = refused[0] as OmieFault;
    expect(waitMs).toBeGreaterThan(45_000);
    expect(waitMs).toBeLessThanOrEqual(51_000);
  });

  it('arms no alarm for a turn that is free', async () => {
    const clock = manualClock();
    let alarms = 0;
    const counting = {
      ...clock,
      after: (ms: number, run: () => void) => {
        alarms += 1;
        return clock.after(ms, run);
      },
    };
    const limiter = new FairLimiter(counting);
    for (const key of ['a', 'b', 'c']) {
      await limiter.acquire({ key }, 'Listar', {
        deadlineAt: clock.now() + 1_000,
        signal: new AbortController().signal,
      });
    }
    expect(alarms).toBe(0);
  });

  it('gives up a place in the queue when the caller leaves or the deadline passes', async () => {
    const clock = manualClock();
    const { ask, limiter, refused } = desk(clock, undefined, 100_000);
    for (let call = 0; call < 4; call += 1) void ask('c1');
    await clock.advance(100);
    const abort = new AbortController();
    const left = limiter.acquire({ key: 'c1' }, 'Listar', { deadlineAt: clock.now() + 50_000, signal: abort.signal });
    void ask('c1', 'Listar', undefined, 5_000);
    expect(limiter.queued).toBe(4);
    abort.abort();
    await expect(left).rejects.toMatchObject({ code: 'cancelado' });
    await clock.advance(5_000);
    expect(refused).toHaveLength(1);
    expect(limiter.queued).toBe(2);
    expect(limiter.inFlight).toBe(2);
  });

  it('remembers no company whose minute is empty, unless it is paused, serial or under way', async () => {
    const clock = manualClock();
    const { ask, limiter, sent } = desk(clock);
    for (let company = 1; company <= 50; company += 1) void ask(`c${company}`);
    await clock.advance(1_000);
    expect(limiter.companies).toBe(50);
    limiter.refusedParallel('c2', 'Listar');
    limiter.pause({ key: 'c3' }, 'Listar', 300_000);
    await clock.advance(61_000);
    void limiter.acquire({ key: 'c4' }, 'Listar', { deadlineAt: clock.now() + 1_000 });
    await clock.advance(61_000);
    void ask('new');
    await clock.advance(1_000);
    expect(limiter.companies).toBe(4);
    void ask('c50');
    await clock.advance(1_000);
    expect(sent).toHaveLength(52);
    expect(limiter.inFlight).toBe(1);
    // Serial for half an hour, then one more each half hour: after three nothing is left to remember.
    await clock.advance(3 * 1_800_000);
    void ask('newer');
    await clock.advance(1_000);
    expect(limiter.companies).toBe(2);
  });

  it('pauses one method of one application', async () => {
    const clock = manualClock();
    const { ask, limiter, sent } = desk(clock);
    void ask('c1');
    await clock.advance(1_000);
    limiter.pause({ key: 'c1' }, 'Listar', 20_000);
    void ask('c1');
    void ask('c1', 'Outro');
    void ask('c2');
    await clock.advance(1_000);
    expect(sent.length).toBe(3);
    await clock.advance(19_000);
    expect(sent.length).toBe(4);
  });
});
