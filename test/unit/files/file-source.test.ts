import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ConfigurationError } from '../../../src/errors.ts';
import { FileSource } from '../../../src/files/file-source.ts';

function sourceOf(text: string) {
  const path = join(mkdtempSync(join(tmpdir(), 'omie-mcp-')), 'a.txt');
  const write = (next: string): void => writeFileSync(path, next);
  write(text);
  const source = new FileSource<string>({
    path,
    parse(bytes) {
      const content = Buffer.from(bytes).toString();
      if (content === 'breaks us') throw new RangeError('Maximum call stack size exceeded');
      return { content, warnings: [] };
    },
    complain: (problems) => new ConfigurationError('bad', problems),
  });
  return { source, write };
}

it('a file that brings the reading of it down is a bad file: the last good content stays', () => {
  const { source, write } = sourceOf('good');
  expect(source.load()).toMatchObject({ kind: 'loaded', content: 'good' });
  write('breaks us');
  expect(source.load()).toEqual({ kind: 'rejected', problems: [expect.stringMatching(/^a\.txt: /)], repeated: false });
  expect(source.status()).toMatchObject({ state: 'degraded', reason: expect.not.stringContaining('stack') });
  write('good again');
  expect(source.load()).toMatchObject({ kind: 'loaded', content: 'good again' });
});

it('before there is any good content it is told as it is', () => {
  expect(() => sourceOf('breaks us').source.load()).toThrow(RangeError);
});
