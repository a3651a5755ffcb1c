// Prints the path of a Node 24 binary, installing the npm package that carries it once, below node_modules/.cache.
// The conformance suite needs a newer Node than the oldest one we support, and CI runs all tests on both.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const version = '24.21.0';
const name = `node-${process.platform}-${process.arch}`;
const folder = fileURLToPath(new URL('../node_modules/.cache/node24', import.meta.url));
const binary = `${folder}/node_modules/${name}/bin/node`;

if (process.versions.node.startsWith('24.')) {
  process.stdout.write(process.execPath);
} else {
  if (!existsSync(binary)) {
    mkdirSync(folder, { recursive: true });
    execFileSync('npm', ['install', '--prefix', folder, '--no-save', '--no-audit', '--no-fund', `${name}@${version}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
  process.stdout.write(binary);
}
