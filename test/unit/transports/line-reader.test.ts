import { expect, test } from 'vitest';
import { LineReader, MAX_LINE_BYTES } from '../../../src/transports/line-reader.ts';

function reader() {
  const lines: string[] = [];
  const tooLong: number[] = [];
  const inner = new LineReader({
    line: (text) => lines.push(text),
    notText: () => lines.push('no text'),
    tooLong: () => tooLong.push(lines.length),
  });
  const push = (bytes: string | Buffer): void => inner.push(Buffer.from(bytes));
  return { lines, tooLong, push, flush: () => inner.flush() };
}

test('joins pieces, cuts at newlines and drops blank lines', () => {
  const { lines, push, flush } = reader();
  push('{"a"');
  push(':1}\r\n\n{"b":2}\n{"c"');
  push(':3}');
  flush();
  expect(lines).toEqual(['{"a":1}', '{"b":2}', '{"c":3}']);
});

test('keeps characters whole that arrive in two pieces', () => {
  const { lines, push } = reader();
  const bytes = Buffer.from('ção\n');
  push(bytes.subarray(0, 1));
  push(bytes.subarray(1, 2));
  push(bytes.subarray(2));
  expect(lines).toEqual(['ção']);
});

test('says which line is no UTF-8, and changes none', () => {
  const { lines, push, flush } = reader();
  push(Buffer.from('{"a":"ção"}\n{"a":"ção"}\n', 'latin1'));
  push('{"a":"ção \ufffd"}\n');
  push(Buffer.from('ã', 'latin1'));
  flush();
  expect(lines).toEqual(['no text', 'no text', '{"a":"ção \ufffd"}', 'no text']);
});

test('reports a line that is too long once and reads on after it', () => {
  const { lines, tooLong, push } = reader();
  for (let sent = 0; sent <= MAX_LINE_BYTES; sent += 1024 * 1024) push('x'.repeat(1024 * 1024));
  push('still the same line\n{"ok":1}\n');
  expect(tooLong).toEqual([0]);
  expect(lines).toEqual(['{"ok":1}']);
});
