import { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { ChildProcess } from '../../../src/gateway/links/child-process.ts';
import { childParts, node } from '../../support/upstreams.ts';

/** What was written to the program, write by write. The pipe to a program is a socket; others say nothing of ids. */
let writes: string[] = [];

beforeEach(() => {
  writes = [];
  const { write } = Socket.prototype;
  vi.spyOn(Socket.prototype, 'write').mockImplementation(function (this: Socket, chunk: unknown, ...more: unknown[]) {
    if (String(chunk).startsWith('{"id":')) writes.push(String(chunk));
    return Reflect.apply(write, this, [chunk, ...more]);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** Says every line that it is told. */
const ECHO = 'process.stdin.pipe(process.stdout)';
/** Reads nothing until it ends. */
const DEAF = 'setInterval(() => {}, 1_000)';

function start(program: string) {
  const heard: string[] = [];
  const listener = { line: (line: Buffer) => heard.push(line.toString()), tooLong: () => heard.push('too long') };
  const child = new ChildProcess(node('-e', program), listener, {
    ...childParts(),
    patience: { eofMs: 20_000, termMs: 20_000 },
  });
  onTestFinished(async () => {
    child.killGroup('SIGKILL');
    await child.ended;
  });
  return { child, heard };
}

it('is written to once a turn of the event loop, with whole lines in their order', async () => {
  const { child, heard } = start(ECHO);
  for (const line of ['{"id":1}', '{"id":2,"é":"ção"}', '{"id":3}']) expect(child.write(line)).toBe(true);
  expect(writes).toEqual([]);
  await turn();
  expect(writes).toEqual(['{"id":1}\n{"id":2,"é":"ção"}\n{"id":3}\n']);
  child.write('{"id":4}');
  await turn();
  await turn();
  expect(writes.slice(1)).toEqual(['{"id":4}\n']);
  await vi.waitFor(() => expect(heard).toEqual(['{"id":1}', '{"id":2,"é":"ção"}', '{"id":3}', '{"id":4}']), 20_000);
});

it('is told what was still to be written before its input ends', async () => {
  const { child, heard } = start(ECHO);
  child.write('{"id":1}');
  child.write('{"id":2}');
  await child.close();
  expect(writes).toEqual(['{"id":1}\n{"id":2}\n']);
  expect(heard).toEqual(['{"id":1}', '{"id":2}']);
  expect(child.write('{"id":3}')).toBe(false);
  await turn();
  expect(writes).toHaveLength(1);
});

it('is not written to without end when it does not read, in one turn or in many', async () => {
  const { child } = start(DEAF);
  const megabyte = 'x'.repeat(1_048_576);
  let taken = 0;
  while (taken < 40 && child.write(megabyte)) taken += 1;
  expect(taken).toBeGreaterThanOrEqual(16);
  expect(taken).toBeLessThan(20);
  await turn();
  expect(child.write(megabyte)).toBe(false);
});
