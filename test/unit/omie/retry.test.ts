import { describe, expect, it } from 'vitest';
import { OmieFault } from '../../../src/omie/faults.ts';
import { RetryBudget, retryWait } from '../../../src/omie/retry.ts';

const ask = (fault: OmieFault, attempts = 1, leftMs = 30_000, random = 0.5) =>
  retryWait({ fault, attempts, leftMs, random });

describe('retryWait', () => {
  it.each(['auth', 'schema', 'business', 'not-found', 'duplicate', 'blocked', 'empty'] as const)(
    'never for %s',
    (kind) => {
      expect(ask(new OmieFault(kind, ''))).toBeUndefined();
    },
  );

  it('backs off with full jitter from 200 ms, capped at 5 s', () => {
    const fault = new OmieFault('network', '');
    expect(ask(fault, 1, 30_000, 0.999)).toBeCloseTo(199.8);
    expect(ask(fault, 2, 30_000, 0.999)).toBeCloseTo(399.6);
    expect(ask(fault, 1, 30_000, 0)).toBe(0);
    expect(ask(fault, 3)).toBeUndefined();
  });

  it('tries an answer that makes no sense once more', () => {
    expect(ask(new OmieFault('bad-response', ''), 1)).toBeDefined();
    expect(ask(new OmieFault('bad-response', ''), 2)).toBeUndefined();
  });

  it('waits 3 s and then 10 s for a busy method', () => {
    const fault = new OmieFault('lock', '');
    expect([1, 2, 3].map((attempts) => ask(fault, attempts))).toEqual([3_000, 10_000, undefined]);
  });

  it('waits a second more than a redundant call is told, when it fits', () => {
    expect(ask(new OmieFault('redundant', '', { waitMs: 17_000 }))).toBe(18_000);
    expect(ask(new OmieFault('redundant', '', { waitMs: 60_000 }))).toBeUndefined();
  });

  it('honours Retry-After up to the deadline and gives up at once beyond it', () => {
    expect(ask(new OmieFault('rate', '', { waitMs: 5_000 }), 1, 30_000, 0)).toBe(5_000);
    expect(ask(new OmieFault('rate', '', { waitMs: 60_000 }))).toBeUndefined();
    expect(ask(new OmieFault('server', '', { waitMs: 5_000 }), 1, 4_000)).toBeUndefined();
  });

  it('does not repeat what a certificate refused', () => {
    expect(ask(new OmieFault('network', 'TLS', { retryable: false }))).toBeUndefined();
  });
});

describe('RetryBudget', () => {
  it('lets a tenth of the calls be repeated, and a lone call all the same', () => {
    const budget = new RetryBudget();
    let retries = 0;
    for (let call = 0; call < 1_000; call += 1) {
      budget.earn();
      if (budget.spend()) retries += 1;
      if (budget.spend()) retries += 1;
    }
    expect(retries).toBeGreaterThanOrEqual(100);
    expect(retries).toBeLessThanOrEqual(110);
  });
});
