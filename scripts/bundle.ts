// Packs the Claude Desktop extension: what npm would publish, the manifest and the production dependencies of the lockfile.
// Usage: tsx scripts/bundle.ts [OUTPUT.mcpb]; needs a built dist/.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packExtension } from '@anthropic-ai/mcpb';
import { z } from 'zod';
import { lockedPackages } from './locked-packages.ts';
import { packageFacts } from './package-facts.ts';

const rootUrl = new URL('../', import.meta.url);
const root = fileURLToPath(rootUrl);
const output = process.argv[2] ?? join(root, 'build', `${packageFacts.name}-${packageFacts.version}.mcpb`);
const stage = mkdtempSync(join(tmpdir(), 'omie-mcp-hub-bundle-'));

/** Not needed to run, and a third of the bytes. */
const ignored = ['*.d.mts', '*.d.cts', '*.ts', '*.md', '!/*.md', '!/docs/*.md'];

try {
  for (const path of [...publishedFiles(), 'manifest.json', 'mcpb-resources', 'icon.png']) {
    cpSync(join(root, path), join(stage, path), { recursive: true });
  }
  for (const { path, version, production } of lockedPackages(rootUrl)) {
    if (!production) continue;
    assertInstalled(path, version);
    // Nested copies have their own line in the lockfile; those that are not production must not slip in.
    cpSync(join(root, path), join(stage, path), { recursive: true, filter: isOwn(join(root, path)) });
  }
  writeFileSync(join(stage, '.mcpbignore'), ignored.join('\n'));
  // Validates the manifest first, and the icon.
  if (!(await packExtension({ extensionPath: stage, outputPath: output, silent: true }))) {
    throw new Error('mcpb refused the bundle: run `npx mcpb validate manifest.json`');
  }
  process.stdout.write(`${output}\n`);
} finally {
  rmSync(stage, { recursive: true, force: true });
}

/** The list npm itself makes, so that the two packages cannot differ. */
function publishedFiles(): readonly string[] {
  if (!existsSync(join(root, 'dist', 'main.js'))) throw new Error('dist/ is not built: run npm run build');
  const args = ['pack', '--dry-run', '--ignore-scripts', '--json'];
  const told = execFileSync('npm', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  const [packed] = z.array(z.object({ files: z.array(z.object({ path: z.string() })) })).parse(JSON.parse(told));
  return packed?.files.map(({ path }) => path) ?? [];
}

function assertInstalled(path: string, version: string): void {
  const manifest = join(root, path, 'package.json');
  const installed =
    existsSync(manifest) && z.object({ version: z.string() }).parse(JSON.parse(readFileSync(manifest, 'utf8')));
  if (installed === false || installed.version !== version) {
    throw new Error(`${path} is not installed as locked (${version}): run npm ci`);
  }
}

function isOwn(folder: string): (source: string) => boolean {
  return (source) => !source.slice(folder.length).includes('node_modules');
}
