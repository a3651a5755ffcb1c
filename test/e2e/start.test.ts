import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { entry } from '../support/program.ts';

const dist = dirname(entry);
const staticImport = /^(?:import|export)\b[^'"()]*["']([^'"]+)["'];?$/gm;

/** The packages that are loaded with a file of dist/, before any of its code has run. */
function packagesOf(file: string, seen = new Set<string>()): ReadonlySet<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, specifier = ''] of readFileSync(join(dist, file), 'utf8').matchAll(staticImport)) {
    if (specifier.startsWith('./')) packagesOf(specifier.slice(2), seen);
    else if (!specifier.startsWith('node:')) seen.add(specifier);
  }
  return seen;
}

it('a start over stdio loads few files, and no package that its first answers do not need', () => {
  const serve = readdirSync(dist).find((name) => /^serve-.*\.js$/.test(name)) ?? '';
  const loaded = [...packagesOf('main.js'), ...packagesOf(serve)];
  const packages = new Set(loaded.filter((name) => !name.endsWith('.js')));
  expect([...packages].sort()).toEqual([
    'commander',
    'dotenv',
    'entities/decode',
    'fastest-levenshtein',
    'lru-cache',
    'pino',
  ]);
  expect(new Set(loaded).size - packages.size).toBeLessThan(70);
});
