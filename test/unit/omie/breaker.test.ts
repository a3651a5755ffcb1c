import { describe, expect, it } from 'vitest';
import { Breaker } from '../../../src/omie/breaker.ts';
import { OmieFault } from '../../../src/omie/faults.ts';
import { manualClock } from './manual-clock.ts';

const opened = () => {
  const clock = manualClock();
  const breaker = new Breaker(clock);
  const fail = (kind: OmieFault['kind'], waitMs?: number) =>
    breaker.enter('k1', 'Listar')(new OmieFault(kind, '', { waitMs }));
  const thrown = (key = 'k1', name = 'Listar'): Pick<OmieFault, 'kind' | 'waitMs'> | undefined => {
    try {
      breaker.check(key, name);
      return undefined;
    } catch (error) {
      if (!(error instanceof OmieFault)) throw error;
      return { kind: error.kind, waitMs: error.waitMs };
    }
  };
  return { clock, breaker, fail, thrown };
};

describe('Breaker', () => {
  it('keeps a block until its countdown ends, for that application and method only', async () => {
    const { clock, fail, thrown, breaker } = opened();
    fail('blocked', 1_678_000);
    expect(thrown()).toEqual({ kind: 'blocked', waitMs: 1_678_000 });
    expect(thrown('k1', 'Outro')).toBeUndefined();
    expect(thrown('k2')).toBeUndefined();
    expect(breaker.open).toBe(1);
    await clock.advance(1_677_999);
    expect(thrown()).toEqual({ kind: 'blocked', waitMs: 1 });
    await clock.advance(1);
    expect(thrown()).toBeUndefined();
  });

  it('opens after five failures in a row, then lets one probe through', async () => {
    const { clock, breaker, fail, thrown } = opened();
    for (let time = 0; time < 4; time += 1) fail('server');
    expect(thrown()).toBeUndefined();
    fail('network');
    expect(thrown()?.waitMs).toBe(30_000);
    await clock.advance(30_000);
    const probe = breaker.enter('k1', 'Listar');
    expect(thrown()?.kind).toBe('network');
    probe(new OmieFault('bad-response', ''));
    expect(thrown()?.waitMs).toBe(30_000);
    await clock.advance(30_000);
    breaker.enter('k1', 'Listar')(undefined);
    expect(thrown()).toBeUndefined();
    fail('server');
    expect(thrown()).toBeUndefined();
  });

  it('keeps a distance from the block for ten errors: empty lists count, what is in flight may, others go on', async () => {
    const { clock, breaker, thrown } = opened();
    const empty = () => breaker.enter('k1', 'Listar')('empty');
    for (let time = 0; time < 8; time += 1) empty();
    const pending = breaker.enter('k1', 'Listar');
    expect(thrown()).toEqual({ kind: 'near-block', waitMs: 60_000 });
    expect(() => breaker.check('k1', 'Outra')).not.toThrow();
    expect(() => breaker.check('k2', 'Listar')).not.toThrow();
    pending(undefined);
    expect(thrown()).toBeUndefined();
    await clock.advance(20_000);
    empty();
    expect(thrown()).toEqual({ kind: 'near-block', waitMs: 40_000 });
    await clock.advance(40_000);
    expect(thrown()).toBeUndefined();
  });

  it('counts a call once, however often its end is told', () => {
    const { breaker, thrown } = opened();
    const report = breaker.enter('k1', 'Listar');
    for (const outcome of ['empty', 'empty', 'cancelled', 'cancelled'] as const) report(outcome);
    for (let time = 0; time < 7; time += 1) breaker.enter('k1', 'Listar')('empty');
    expect(thrown()).toBeUndefined();
    breaker.enter('k1', 'Listar');
    expect(thrown()?.kind).toBe('near-block');
  });

  it('calls a method sound from its last answer to its next failure', () => {
    const { breaker, fail } = opened();
    expect(breaker.isSound('k1', 'Listar')).toBe(true);
    fail('network');
    expect([breaker.isSound('k1', 'Listar'), breaker.isSound('k2', 'Listar')]).toEqual([false, true]);
    breaker.enter('k1', 'Listar')(undefined);
    expect(breaker.isSound('k1', 'Listar')).toBe(true);
  });

  it('gives the probe to the next one when it was cancelled', async () => {
    const { clock, breaker, fail, thrown } = opened();
    for (let time = 0; time < 5; time += 1) fail('server');
    await clock.advance(30_000);
    breaker.enter('k1', 'Listar')('cancelled');
    expect(thrown()).toBeUndefined();
  });

  it('takes any fault of Omie for a sign of life', () => {
    const { fail, thrown } = opened();
    for (let time = 0; time < 20; time += 1) fail(time % 4 === 3 ? 'business' : 'server');
    expect(thrown()).toBeUndefined();
  });

  it('gives new keys a fresh chance: failures, an open method and a probe of the old ones do not count', async () => {
    const { clock, breaker, fail, thrown } = opened();
    for (let time = 0; time < 5; time += 1) fail('server');
    expect(thrown()?.kind).toBe('network');
    breaker.forget('k1');
    expect(thrown()).toBeUndefined();
    for (let time = 0; time < 4; time += 1) fail('server');
    expect(thrown()).toBeUndefined();
    fail('server');
    await clock.advance(30_000);
    breaker.enter('k1', 'Listar');
    expect(thrown()?.kind).toBe('network');
    breaker.forget('k1');
    expect(thrown()).toBeUndefined();
  });

  it('hears of a call that was in flight when its company was forgotten what Omie counts, and not that its keys were refused', () => {
    const { breaker, thrown } = opened();
    for (const kind of ['auth', 'server'] as const) {
      const late = Array.from({ length: 5 }, () => breaker.enter('k1', 'Listar'));
      breaker.forget('k1');
      for (const report of late) report(new OmieFault(kind, ''));
      expect(thrown()).toBeUndefined();
    }
    const late = breaker.enter('k1', 'Listar');
    breaker.forget('k1');
    late(new OmieFault('blocked', '', { waitMs: 1_678_000 }));
    expect(thrown()).toEqual({ kind: 'blocked', waitMs: 1_678_000 });
  });

  it('keeps the countdown of a block and the error answers of the minute when forgotten, and not for longer', async () => {
    const { clock, breaker, thrown } = opened();
    breaker.enter('k1', 'Listar')(new OmieFault('blocked', '', { waitMs: 1_678_000 }));
    for (let time = 0; time < 9; time += 1) breaker.enter('k2', 'Listar')('empty');
    breaker.enter('k3', 'Listar')(undefined);
    for (const key of ['k1', 'k2', 'k3']) breaker.forget(key);
    expect(breaker.remembered).toBe(2);
    expect(thrown()).toEqual({ kind: 'blocked', waitMs: 1_678_000 });
    expect(thrown('k2')?.kind).toBe('near-block');
    await clock.advance(60_000);
    breaker.forget('k2');
    expect(thrown('k2')).toBeUndefined();
    expect(breaker.remembered).toBe(1);
    await clock.advance(1_617_999);
    expect(thrown()).toEqual({ kind: 'blocked', waitMs: 1 });
    await clock.advance(1);
    expect(thrown()).toBeUndefined();
    breaker.forget('another');
    expect(breaker.remembered).toBe(0);
  });

  it('does not try refused keys again for a minute, in any method, unless forgotten', async () => {
    const { clock, breaker, fail, thrown } = opened();
    fail('auth');
    expect(thrown('k1', 'Outro')).toEqual({ kind: 'auth', waitMs: 60_000 });
    expect(thrown('k2')).toBeUndefined();
    breaker.forget('k1');
    expect(thrown()).toBeUndefined();
    fail('auth');
    await clock.advance(60_000);
    expect(thrown()).toBeUndefined();
  });
});
