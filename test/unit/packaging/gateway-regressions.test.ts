// docs/gateway-regressions.md promises tests by file and title: a promise about one that is gone is none.
import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { titlesThatRun } from '../../support/titles-that-run.ts';

const root = new URL('../../../', import.meta.url);
const rows = readFileSync(new URL('docs/gateway-regressions.md', root), 'utf8')
  .split('\n')
  .filter((line) => /^\| \d/.test(line))
  .map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );

it('goes through all eighteen', () => {
  expect(rows.map(([number]) => Number(number))).toEqual(Array.from({ length: 18 }, (_, index) => index + 1));
});

it('takes no comment, skipped or planned test, nor one of a skipped group, for a test', () => {
  const source = `
    // it('commented', () => {});
    const text = "it('quoted', () => {})";
    it.skip('skipped', () => {});
    it.todo('planned');
    it.skip.each([1])('skipped of a table', () => {});
    describe.skip('group', () => { it('inside', () => {}); });
    describe('other', () => { describe.each([1])('%s', (n: number) => { it('deep', () => {}); }); });
    it.each([1])('of a table: %s', () => {});
    test.skipIf(process.platform === 'win32')('where it can', () => {});
  `;
  expect([...titlesThatRun(source)]).toEqual(['deep', 'of a table: %s', 'where it can']);
});

it.each(rows)('row %s names tests that run: %s', (_number, _rule, tests = '') => {
  const named = tests.split(' · ').flatMap((part) => {
    const file = /^`([^`]+)`: /.exec(part)?.[1];
    if (file === undefined) return [];
    return [...part.slice(part.indexOf(': ')).matchAll(/"([^"]+)"/g)].map(([, title = '']) => ({ file, title }));
  });
  expect(named.length).toBeGreaterThan(0);
  for (const { file, title } of named) {
    expect(file).toMatch(/^test\/.+\.test\.ts$/);
    expect(existsSync(new URL(file, root)), file).toBe(true);
    expect(titlesThatRun(readFileSync(new URL(file, root), 'utf8')), file).toContain(title);
  }
});
