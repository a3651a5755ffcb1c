/** Writes the declarations of the library's export into dist/types/: those it can be seen through, and no others. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const types = join(root, 'dist/types');
const entry = join(types, 'gateway/library/index.d.ts');
const IMPORT = /(?:from |import\()["'](\.[^"']+)\.ts["']/g;

export function emitTypes() {
  rmSync(types, { recursive: true, force: true });
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.types.json'], {
    cwd: root,
    stdio: 'inherit',
  });
  const seen = reachable();
  for (const path of readdirSync(types, { recursive: true }).filter((name) => name.endsWith('.d.ts'))) {
    const file = join(types, path);
    if (!seen.has(file)) rmSync(file);
  }
}

function reachable() {
  const seen = new Set([entry]);
  // A set walks what is added while it is walked.
  for (const file of seen) {
    for (const [, path] of readFileSync(file, 'utf8').matchAll(IMPORT))
      seen.add(resolve(dirname(file), `${path}.d.ts`));
  }
  return seen;
}
