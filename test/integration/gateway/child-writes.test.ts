import { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { ChildProcess } from '../../../src/gateway/links/child-process.ts';
import { openStdioLink } from '../../../src/gateway/links/stdio-link.ts';
import { asking, childParts, node, opening, script } from '../../support/upstreams.ts';

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

const LINES = 1_500;
/** Says much and ends as soon as all of it is in the pipe. */
const LAST_WORDS = `process.stdout.write('noise\\n'.repeat(${LINES}) + '{"id":7}\\n', () => process.exit())`;

/** A listener that takes its time, so that the program has ended before it is through. */
function startSlowlyRead(patienceMs: number, begun: (child: ChildProcess) => void = () => {}) {
  let heard = 0;
  const line = (): void => {
    heard += 1;
    if (heard === 1) begun(child);
    const until = performance.now() + 0.2;
    while (performance.now() < until);
  };
  const parts = { ...childParts(), patience: { eofMs: patienceMs, termMs: patienceMs } };
  const child: ChildProcess = new ChildProcess(node('-e', LAST_WORDS), { line, tooLong: () => {} }, parts);
  return { child, heard: () => heard };
}

it('has ended only when what it said is read, however slowly', async () => {
  const { child, heard } = startSlowlyRead(20_000);
  await child.ended;
  expect(heard()).toBe(LINES + 1);
  expect(child.write('{"id":8}')).toBe(false);
});

it('is read no further when whoever closes it has no more patience', async () => {
  const { child, heard } = startSlowlyRead(1, (begun) => begun.close());
  await child.ended;
  expect(heard()).toBeLessThan(LINES);
});

it('is read no further when it was given up', async () => {
  const { child, heard } = startSlowlyRead(20_000, (begun) => begun.giveUp(new Error('enough')));
  expect((await child.ended).message).toBe('enough');
  expect(heard()).toBeLessThan(LINES);
});

it('gives the answer that was its last word, behind much else, to whoever asked', async () => {
  const target = script(`hear((m) => { if (greet(m) || !m.id) return;
    const log = (at) => JSON.stringify({ jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: at } });
    const lines = [...Array(500).keys()].map(log).concat(JSON.stringify({ jsonrpc: '2.0', id: m.id, result: { done: 1 } }));
    process.stdout.write(lines.join('\\n') + '\\n', () => process.exit()); })`);
  const link = await openStdioLink(target, opening(), childParts());
  let until = 0;
  const onNotification = (): void => {
    until = performance.now() + 0.5;
    while (performance.now() < until);
  };
  expect(await link.request('x', {}, asking({ onNotification, timeoutMs: 30_000 }))).toBe('{"done":1}');
  expect((await link.closed)?.message).toContain('código 0');
});
