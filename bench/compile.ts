import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { compiled, compiledBench, repository, serverEntry } from './paths.ts';

/** Turns bench/ and what it imports from src/ into JavaScript once, before anything is measured. */
export function compileBench(): void {
  if (!existsSync(serverEntry)) throw new Error('dist/main.js is missing: run `npm run build` first.');
  rmSync(compiled, { recursive: true, force: true });
  mkdirSync(compiled, { recursive: true });
  copyFileSync(`${repository}package.json`, `${compiled}package.json`);
  const compiler = `${repository}node_modules/typescript/bin/tsc`;
  const run = spawnSync(process.execPath, [compiler, '-p', `${repository}bench/tsconfig.json`, '--outDir', compiled], {
    encoding: 'utf8',
  });
  if (!existsSync(compiledBench('load/main.js'))) throw new Error(`The bench does not compile:\n${run.stdout}`);
}
