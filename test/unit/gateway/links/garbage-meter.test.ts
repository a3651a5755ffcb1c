import { pino } from 'pino';
import { expect, it } from 'vitest';
import { GarbageMeter } from '../../../../src/gateway/links/garbage-meter.ts';

function meter() {
  const warned: number[] = [];
  const reasons: string[] = [];
  const clock = { now: 0 };
  const logger = pino({ level: 'warn' }, { write: (line: string) => warned.push(JSON.parse(line).lines) });
  const under = new GarbageMeter(
    logger,
    (reason) => reasons.push(reason.name),
    () => clock.now,
  );
  const lines = (count: number, bytes = 8): void => {
    for (let line = 0; line < count; line += 1) under.garbage(bytes);
  };
  return { under, lines, warned, reasons, clock };
}

it('is told of at once, and then once a minute with a count', () => {
  const { lines, warned, clock } = meter();
  lines(100);
  clock.now = 59_000;
  lines(1);
  expect(warned).toEqual([1]);
  clock.now = 61_000;
  lines(5);
  expect(warned).toEqual([1, 101]);
});

it('bears 10,000 lines between two messages, and says once when there are more', () => {
  const { under, lines, reasons } = meter();
  lines(10_000);
  under.message();
  lines(10_000);
  expect(reasons).toEqual([]);
  lines(3);
  expect(reasons).toEqual(['UpstreamFloodError']);
});

it('bears no more than 4 MiB either', () => {
  const { under, lines, reasons } = meter();
  lines(4, 1_048_576);
  under.message();
  lines(4, 1_048_576);
  expect(reasons).toEqual([]);
  lines(1, 1);
  expect(reasons).toEqual(['UpstreamFloodError']);
});
