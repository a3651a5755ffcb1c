import { expect, test } from 'vitest';
import { LineReader, MAX_LINE_BYTES } from '../../../src/transports/line-reader.ts';

function reader(): { lines: string[]; tooLong: number[]; push(text: string): void; flush(): void } {
  const lines: string[] = [];
  const tooLong: number[] = [];
  const inner = new LineReader(
    (line) => lines.push(line),
    () => tooLong.push(lines.length),
  );
  return { lines, tooLong, push: (text) => inner.push(Buffer.from(text)), flush: () => inner.flush() };
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
  const lines: string[] = [];
  const inner = new LineReader(
    (line) => lines.push(line),
    () => {},
  );
  const bytes = Buffer.from('ção\n');
  inner.push(bytes.subarray(0, 1));
  inner.push(bytes.subarray(1, 2));
  inner.push(bytes.subarray(2));
  expect(lines).toEqual(['ção']);
});

test('reports a line that is too long once and reads on after it', () => {
  const { lines, tooLong, push } = reader();
  for (let sent = 0; sent <= MAX_LINE_BYTES; sent += 1024 * 1024) push('x'.repeat(1024 * 1024));
  push('still the same line\n{"ok":1}\n');
  expect(tooLong).toEqual([0]);
  expect(lines).toEqual(['{"ok":1}']);
});
