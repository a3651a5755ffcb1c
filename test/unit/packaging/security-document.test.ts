// SECURITY.md promises tests by name: a promise about a file that is gone is none.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);
const text = readFileSync(new URL('SECURITY.md', root), 'utf8');
const section = (title: string): string => text.split(`\n## ${title}`)[1]?.split('\n## ')[0] ?? '';
const rowsOf = (table: string): string[][] =>
  table
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .slice(1)
    .map((line) => line.split('|').slice(1, -1));

describe('SECURITY.md', () => {
  it('names for every risk a control and tests that exist', () => {
    const rows = rowsOf(section('Threat model'));
    expect(rows.length).toBeGreaterThan(15);
    for (const [risk = '', control = '', tests = ''] of rows) {
      expect(control.trim(), risk).not.toBe('');
      const files = [...tests.matchAll(/`([^`]+)`/g)].map(([, file = '']) => file);
      expect(files, risk).not.toEqual([]);
      for (const file of files) {
        expect(file).toMatch(/^test\/.+\.test\.ts$/);
        expect(existsSync(new URL(file, root)), file).toBe(true);
      }
    }
  });

  it('goes through all ten of the OWASP list', () => {
    const numbers = rowsOf(section('OWASP MCP Top 10')).map(([name = '']) => name.trim().slice(0, 5));
    expect(numbers).toEqual(Array.from({ length: 10 }, (_, index) => `MCP${String(index + 1).padStart(2, '0')}`));
  });
});
