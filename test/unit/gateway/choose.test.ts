import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterFailure,
  type CallFailure,
  type Candidate,
  effectOfAnnotations,
  rankCandidates,
  SHORTEST_TRY_MS,
} from '../../../src/gateway/routing/choose.ts';
import { firstConnectWaitMs, reconnectWaitMs } from '../../../src/gateway/upstreams/reconnect-wait.ts';

const effects = fc.constantFrom('read' as const, 'write' as const);
const candidates: fc.Arbitrary<Candidate[]> = fc.uniqueArray(
  fc.record({
    server: fc.stringMatching(/^[a-z]{1,3}$/),
    priority: fc.integer({ min: 1, max: 20 }),
    state: fc.constantFrom('connecting', 'connected', 'down', 'quarantined'),
    resting: fc.boolean(),
    effect: effects,
  }),
  { selector: ({ server }) => server, maxLength: 6 },
);
const failures: fc.Arbitrary<CallFailure> = fc.oneof(
  fc
    .constantFrom('never-left' as const, 'refused' as const, 'lost' as const, 'cancelled' as const)
    .map((kind) => ({ kind })),
  fc.constantFrom(-32603, -32602, -32601, -32000, 7).map((code) => ({ kind: 'answered' as const, code })),
);
const questions = fc.record({
  effect: effects,
  failure: failures,
  left: fc.uniqueArray(fc.stringMatching(/^[a-z]{1,3}$/), { maxLength: 3 }),
  leftMs: fc.integer({ min: -100, max: 10_000 }),
});

describe('the rank of candidates', () => {
  it('chooses the best priority of those that are connected and let calls through, whatever the order given', () => {
    fc.assert(
      fc.property(candidates, (all) => {
        const ranked = rankCandidates(all);
        const ready = all.filter(({ state, resting }) => state === 'connected' && !resting);
        const best = Math.min(...ready.map(({ priority }) => priority));
        const chosen = ranked.filter(({ standing }) => standing === 'chosen');
        expect(chosen.map(({ priority }) => priority)).toEqual(ready.length === 0 ? [] : [best]);
        expect(ready.map(({ server }) => server)).toEqual(expect.arrayContaining(chosen.map(({ server }) => server)));
        expect(rankCandidates([...all].reverse())).toEqual(ranked);
        expect(ranked.map(({ server }) => server).sort()).toEqual(all.map(({ server }) => server).sort());
      }),
    );
  });

  it('never puts a server that is down or quarantined before one that may answer', () => {
    fc.assert(
      fc.property(candidates, (all) => {
        const standings = rankCandidates(all).map(({ standing }) => standing);
        const firstOut = standings.findIndex((standing) => standing === 'down' || standing === 'quarantined');
        if (firstOut === -1) return;
        expect(standings.slice(firstOut).every((standing) => standing === 'down' || standing === 'quarantined')).toBe(
          true,
        );
      }),
    );
  });

  it('explains itself', () => {
    const of = (server: string, priority: number, state: Candidate['state'], resting = false): Candidate => ({
      server,
      priority,
      state,
      resting,
      effect: 'read',
    });
    expect(
      rankCandidates([
        of('c', 30, 'connected'),
        of('b', 20, 'connected'),
        of('a', 10, 'connected', true),
        of('d', 1, 'down'),
      ]),
    ).toEqual([
      { server: 'b', priority: 20, standing: 'chosen' },
      { server: 'c', priority: 30, standing: 'spare' },
      { server: 'a', priority: 10, standing: 'resting' },
      { server: 'd', priority: 1, standing: 'down' },
    ]);
  });
});

describe('the effect of a tool', () => {
  it('is a read only when said so', () => {
    expect(effectOfAnnotations({ readOnlyHint: true })).toBe('read');
    for (const said of [undefined, {}, { readOnlyHint: 'true' }, { readOnlyHint: false }]) {
      expect(effectOfAnnotations(said)).toBe('write');
    }
  });
});

describe('after a failure', () => {
  it('a write moves on only if it never left or was refused at the door, and only a lost one leaves its outcome unknown', () => {
    fc.assert(
      fc.property(questions, ({ failure, left, leftMs }) => {
        const next = afterFailure({ effect: 'write', failure, left, leftMs });
        const undone = failure.kind === 'never-left' || failure.kind === 'refused';
        const possible = undone && left.length > 0 && leftMs >= SHORTEST_TRY_MS;
        expect(next.step === 'move-on').toBe(possible);
        expect(next.step === 'outcome-unknown').toBe(failure.kind === 'lost');
      }),
    );
  });

  it('a read moves on from every fault of a server while there is one left and time', () => {
    fc.assert(
      fc.property(questions, ({ failure, left, leftMs }) => {
        const next = afterFailure({ effect: 'read', failure, left, leftMs });
        expect(next.step).not.toBe('outcome-unknown');
        const fault = failure.kind !== 'cancelled' && (failure.kind !== 'answered' || failure.code === -32603);
        const possible = fault && left.length > 0 && leftMs >= SHORTEST_TRY_MS;
        expect(next).toEqual(
          possible ? { step: 'move-on', server: left[0] } : { step: 'give-up', why: expect.any(String) },
        );
      }),
    );
  });

  it('a read of what no server lists moves on from one that does not know it; the last one answers', () => {
    for (const code of [-32002, -32602]) {
      const question = { effect: 'read', failure: { kind: 'answered', code }, leftMs: 1_000 } as const;
      expect(afterFailure({ ...question, left: ['b'], unlisted: true })).toEqual({ step: 'move-on', server: 'b' });
      expect(afterFailure({ ...question, left: ['b'] })).toMatchObject({ why: 'answered' });
      expect(afterFailure({ ...question, left: [], unlisted: true })).toMatchObject({ why: 'answered' });
      expect(afterFailure({ ...question, left: ['b'], unlisted: true, effect: 'write' }).step).toBe('give-up');
    }
    const other = { kind: 'answered', code: -32601 } as const;
    expect(afterFailure({ effect: 'read', failure: other, left: ['b'], leftMs: 1_000, unlisted: true })).toMatchObject({
      why: 'answered',
    });
  });

  it('always ends, for each step uses up a server', () => {
    fc.assert(
      fc.property(questions, fc.array(failures, { maxLength: 10 }), (question, more) => {
        let { left } = question;
        let tries = 1;
        for (const failure of [question.failure, ...more]) {
          const next = afterFailure({ ...question, failure, left });
          if (next.step !== 'move-on') return;
          left = left.filter((server) => server !== next.server);
          tries += 1;
        }
        expect(tries).toBeLessThanOrEqual(question.left.length + 1);
      }),
    );
  });
});

describe('the wait before connecting again', () => {
  it('grows to half a minute, keeps half of it, and never vanishes', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, random) => {
          const wait = reconnectWaitMs(failures, random);
          expect(wait).toBeGreaterThanOrEqual(125);
          expect(wait).toBeLessThanOrEqual(30_000);
          expect(reconnectWaitMs(failures + 1, random)).toBeGreaterThanOrEqual(wait);
        },
      ),
    );
    expect(reconnectWaitMs(1, 0)).toBe(125);
    expect(reconnectWaitMs(3, 0)).toBe(500);
    expect(reconnectWaitMs(50, 0)).toBe(15_000);
  });

  it('ends at the start after max_retries', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), (maxRetries) => {
        let attempts = 1;
        while (firstConnectWaitMs(attempts, maxRetries, 0.5) !== undefined) attempts += 1;
        expect(attempts).toBe(maxRetries + 1);
      }),
    );
  });
});
