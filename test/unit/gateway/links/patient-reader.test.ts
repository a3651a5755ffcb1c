import { PassThrough } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { LineFramer } from '../../../../src/gateway/links/line-framer.ts';
import { PatientReader } from '../../../../src/gateway/links/patient-reader.ts';

const LINES = 500_000;

it('gives way to others in the middle of a chunk, and loses nothing', async () => {
  const pipe = new PassThrough();
  let lines = 0;
  new PatientReader(pipe, { line: () => (lines += 1), tooLong: () => {} }, 100);
  pipe.write('x\n'.repeat(LINES));
  pipe.write('the last one\n');
  await vi.waitFor(() => expect(lines).toBeGreaterThan(0));
  // Somebody else had a turn before all was read.
  expect(lines).toBeLessThan(LINES);
  await vi.waitFor(() => expect(lines).toBe(LINES + 1), 30_000);
  await nextTurn();
  expect(pipe.isPaused()).toBe(false);
});

it('reads no more once it is told to stop', async () => {
  const pipe = new PassThrough();
  let lines = 0;
  const reader: PatientReader = new PatientReader(
    pipe,
    {
      line: () => {
        lines += 1;
        reader.stop();
      },
      tooLong: () => {},
    },
    100,
  );
  pipe.write('x\n'.repeat(1_000));
  await vi.waitFor(() => expect(lines).toBeGreaterThan(0));
  await nextTurn();
  // What was being cut already is still told of: no more than a slice.
  expect(lines).toBeLessThanOrEqual(64);
  expect(pipe.destroyed).toBe(true);
});

it('a framer that stops after so many lines says what is left', () => {
  const lines: string[] = [];
  const framer = new LineFramer({ line: (bytes) => lines.push(bytes.toString()), tooLong: () => {} }, 100);
  const rest = framer.push(Buffer.from('a\nb\nc\nd'), 2);
  expect([lines, rest?.toString()]).toEqual([['a', 'b'], 'c\nd']);
  expect(framer.push(Buffer.from('c\nd'), 2)).toBeUndefined();
  framer.push(Buffer.from('\n'));
  expect(lines).toEqual(['a', 'b', 'c', 'd']);
});

it('of a line beyond the limit it says how much came of it, while it comes and at its end', () => {
  const told: unknown[] = [];
  const listener = {
    line: (bytes: Buffer) => told.push(bytes.toString()),
    tooLong: (head: string, tail: string, bytes: number) => told.push([head, tail, bytes]),
    skipping: (head: string, bytes: number) => told.push([head, bytes]),
  };
  const framer = new LineFramer(listener, 4);
  for (const piece of ['abc', 'de', 'fg', 'h\nij\n']) framer.push(Buffer.from(piece));
  expect(told).toEqual([['abcde', 7], ['abcde', 8], ['abcde', 'abcdefgh', 8], 'ij']);
});
