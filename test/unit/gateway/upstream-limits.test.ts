import { setMaxListeners } from 'node:events';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CancelledError } from '../../../src/errors.ts';
import { FAILURES_TO_OPEN, OPEN_FOR_MS, UpstreamBreaker } from '../../../src/gateway/upstreams/breaker.ts';
import { RequestSlots } from '../../../src/gateway/upstreams/request-slots.ts';

const never = new AbortController().signal;
setMaxListeners(0, never);

describe('the breaker of an upstream', () => {
  it('opens after failures in a row, lets one call try again, and closes or opens with it', () => {
    let now = 0;
    const breaker = new UpstreamBreaker(() => now);
    const fail = () => breaker.enter()?.('failed');
    for (let n = 1; n < FAILURES_TO_OPEN; n += 1) fail();
    // An answer, of whatever kind, ends the row.
    breaker.enter()?.('answered');
    for (let n = 0; n < FAILURES_TO_OPEN; n += 1) {
      expect(breaker.resting).toBe(false);
      fail();
    }
    expect(breaker.enter()).toBeUndefined();
    now += OPEN_FOR_MS;
    const probe = breaker.enter();
    expect(breaker.enter()).toBeUndefined();
    // Nobody waited for it: nothing is known, and the next may try.
    probe?.('cancelled');
    breaker.enter()?.('failed');
    expect(breaker.resting).toBe(true);
    now += OPEN_FOR_MS;
    breaker.enter()?.('answered');
    expect(breaker.resting).toBe(false);
    fail();
    expect(breaker.resting).toBe(false);
  });

  it('lets another try when the one that tries says nothing for long', () => {
    let now = 0;
    const breaker = new UpstreamBreaker(() => now);
    for (let n = 0; n < FAILURES_TO_OPEN; n += 1) breaker.enter()?.('failed');
    now += OPEN_FOR_MS;
    const silent = breaker.enter();
    expect(breaker.enter()).toBeUndefined();
    now += OPEN_FOR_MS;
    const other = breaker.enter();
    // The end of the first says nothing about the second, which is still under way.
    silent?.('cancelled');
    expect(breaker.enter()).toBeUndefined();
    other?.('answered');
    expect(breaker.resting).toBe(false);
  });

  it('counts a request that gave a sign of life and then failed as one failure', () => {
    const breaker = new UpstreamBreaker(() => 0);
    for (let n = 1; n < FAILURES_TO_OPEN; n += 1) breaker.enter()?.('failed');
    const report = breaker.enter();
    report?.('heard');
    report?.('failed');
    expect(breaker.resting).toBe(false);
  });

  it('half open is closed by an answer alone, and lets the next try when the one that tries is heard of', () => {
    let now = 0;
    const breaker = new UpstreamBreaker(() => now);
    for (let n = 0; n < FAILURES_TO_OPEN; n += 1) breaker.enter()?.('failed');
    now += OPEN_FOR_MS;
    const talking = breaker.enter();
    talking?.('heard');
    const next = breaker.enter();
    expect(next).toBeDefined();
    // Still one at a time.
    expect(breaker.enter()).toBeUndefined();
    talking?.('failed');
    expect(breaker.resting).toBe(true);
    now += OPEN_FOR_MS;
    next?.('answered');
    expect([breaker.enter(), breaker.enter()]).not.toContain(undefined);
  });

  it('is closed by a new connection', () => {
    const breaker = new UpstreamBreaker(() => 0);
    for (let n = 0; n < FAILURES_TO_OPEN; n += 1) breaker.enter()?.('failed');
    breaker.reset();
    expect(breaker.resting).toBe(false);
  });
});

describe('the slots of an upstream', () => {
  it('are never more than the limit, and none is lost, whoever leaves when', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.record({ holdMs: fc.nat(3), leaves: fc.boolean() }), { maxLength: 20 }),
        async (limit, callers) => {
          const slots = new RequestSlots(limit);
          let held = 0;
          await Promise.all(
            callers.map(async ({ holdMs, leaves }) => {
              const controller = new AbortController();
              if (leaves) setTimeout(() => controller.abort(), 1);
              try {
                const release = await slots.take(controller.signal, 5_000);
                if (typeof release === 'string') throw new Error(release);
                held += 1;
                expect(held).toBeLessThanOrEqual(limit);
                await new Promise((resolve) => setTimeout(resolve, holdMs));
                held -= 1;
                release();
                release();
              } catch (thrown) {
                expect(thrown).toBeInstanceOf(CancelledError);
              }
            }),
          );
          for (let n = 0; n < limit; n += 1) expect(await slots.take(never, 0)).toBeTypeOf('function');
          expect(await slots.take(never, 1)).toBe('late');
        },
      ),
      { numRuns: 30 },
    );
  });

  it('are refused at once when too many wait', async () => {
    const slots = new RequestSlots(1);
    slots.take(never, 1_000);
    const waiting = Array.from({ length: 2_000 }, () => slots.take(never, 20));
    expect(slots.take(never, 20)).toBe('full');
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['late']));
  });
});
