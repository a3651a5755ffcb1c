import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RateWindow } from '../../../src/omie/rate-window.ts';

describe('RateWindow', () => {
  it('counts like a plain list of times would', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 200 }),
        fc.integer({ min: 1, max: 9 }),
        (steps, limit) => {
          const window = new RateWindow(limit, 1_000);
          const times: number[] = [];
          let now = 1_000_000;
          for (const step of steps) {
            now += step;
            const inside = times.filter((time) => time + 1_000 > now);
            expect(window.used(now)).toBe(inside.length);
            const free = window.freeAt() <= now;
            expect(free).toBe(inside.length < limit);
            if (free) {
              window.record(now);
              times.push(now);
            } else expect(window.freeAt()).toBe(inside[0]! + 1_000);
          }
        },
      ),
    );
  });
});
