import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { shellLine } from '../../../../src/hub/runners/shell-line.ts';

/** Were a word not quoted, the shell would find no program and write into a folder that nobody keeps. */
const nowhere = { cwd: mkdtempSync(join(tmpdir(), 'omie-mcp-hub-shell-')), env: { PATH: '/nonexistent' } };
afterAll(() => rmSync(nowhere.cwd, { recursive: true, force: true }));

/** What programs get that a POSIX shell starts with these lines: one shell for all, as starting one is what takes time. */
function argvsOf(lines: readonly string[]): string[][] {
  const script = lines.map((line) => `printf '%s\\0' ${line}; printf 'END\\0\\0'`).join('\n');
  const { stdout, status } = spawnSync('/bin/sh', ['-c', script], { encoding: 'utf8', ...nowhere });
  expect(status).toBe(0);
  return stdout
    .split('END\0\0')
    .slice(0, -1)
    .map((all) => all.split('\0').slice(0, -1));
}

const word = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.string({ unit: fc.constantFrom(...`'"\\$\`;&|<>(){}[]*?!#~ \t\n\r=-%a`), maxLength: 20 }),
  fc.constantFrom(
    '',
    "'",
    "''",
    "'\\''",
    '$(id)',
    '`id`',
    '; touch x',
    '-e',
    '--',
    '\\',
    '!!',
    '~root',
    '*',
    '\u001b[2J',
  ),
);
const argv = fc.array(
  word.filter((text) => !text.includes('\0')),
  { minLength: 1, maxLength: 8 },
);
const many = fc.array(argv, { minLength: 40, maxLength: 60 });

it('a shell given the line starts the very same argv', () => {
  fc.assert(
    fc.property(many, (argvs) => {
      expect(argvsOf(argvs.map(shellLine))).toEqual(argvs);
    }),
    { numRuns: 5 },
  );
});

it('also when the line is an argument of a program that hands it to a shell of its own', () => {
  fc.assert(
    fc.property(many, (argvs) => {
      const lines = argvs.map((argv) => `"$(/bin/sh -c ${shellLine([`printf '%s,' ${shellLine(argv)}`])})"`);
      expect(argvsOf(lines)).toEqual(argvs.map((argv) => [`${argv.join(',')},`]));
    }),
    { numRuns: 2 },
  );
});

it('a null byte, which would end the argument, is refused', () => {
  expect(() => shellLine(['a\0b'])).toThrow(TypeError);
});
