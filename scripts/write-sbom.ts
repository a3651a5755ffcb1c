// The software bill of materials of what is installed at run time (CycloneDX), by npm itself, from the lockfile.
// Usage: tsx scripts/write-sbom.ts [OUTPUT.json]
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { lockedPackages } from './locked-packages.ts';
import { packageFacts } from './package-facts.ts';

const root = new URL('../', import.meta.url);
const output =
  process.argv[2] ?? fileURLToPath(new URL(`build/${packageFacts.name}-${packageFacts.version}.cdx.json`, root));
const withoutDev = z.looseObject({ devDependencies: z.unknown().optional() });
const lockfile = z.looseObject({ packages: z.record(z.string(), withoutDev) });
const readJson = (path: string): unknown => JSON.parse(readFileSync(new URL(path, root), 'utf8'));

// `npm sbom --omit dev` also leaves out what production and development share (npm/cli#7909: 123 of our 142 packages), so
// npm is shown a project that has no development dependencies.
const folder = mkdtempSync(join(tmpdir(), 'omie-mcp-hub-sbom-'));
// npm names the product after its folder.
const stage = join(folder, packageFacts.name);
try {
  mkdirSync(stage);
  const { devDependencies: _unused, ...manifest } = withoutDev.parse(readJson('package.json'));
  const lock = lockfile.parse(readJson('package-lock.json'));
  const kept = new Set(lockedPackages(root).flatMap(({ path, production }) => (production ? [path] : [])));
  const { devDependencies: _unusedToo, ...rootPackage } = withoutDev.parse(lock.packages['']);
  const packages = Object.fromEntries(Object.entries(lock.packages).filter(([path]) => kept.has(path)));
  writeFileSync(join(stage, 'package.json'), JSON.stringify(manifest));
  writeFileSync(
    join(stage, 'package-lock.json'),
    JSON.stringify({ ...lock, packages: { '': rootPackage, ...packages } }),
  );
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'];
  const sbom = execFileSync('npm', args, { cwd: stage, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(output, sbom);
  process.stdout.write(`${output}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
