import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../..', import.meta.url));
const cli = `${root}node_modules/@modelcontextprotocol/conformance/dist/index.js`;

export interface ConformanceRun {
  readonly requirements: '2025-11-25' | '2026-07-28';
  /** Only these scenarios, one run each; the whole set of the revision otherwise. */
  readonly scenarios?: readonly string[];
  /** Path of a YAML file of scenarios that are known to fail. */
  readonly expectedFailures?: string;
}

export interface ConformanceReport {
  readonly exitCode: number;
  readonly output: string;
}

let node24: Promise<string> | undefined;

/** The suite needs a newer Node than we do; `scripts/node24.mjs` finds or installs one. */
function newerNode(): Promise<string> {
  node24 ??= run(process.execPath, [`${root}scripts/node24.mjs`]).then(({ stdout }) => stdout.trim());
  return node24;
}

/** Runs the official suite against a server that is already listening. */
export async function runConformance(url: string, options: ConformanceRun): Promise<ConformanceReport> {
  const node = await newerNode();
  const common = [cli, 'server', '--url', url];
  if (options.expectedFailures !== undefined) common.push('--expected-failures', options.expectedFailures);
  const choices = options.scenarios?.map((scenario) => [
    '--scenario',
    scenario,
    '--spec-version',
    options.requirements,
  ]) ?? [['--requirements', options.requirements]];
  const reports: ConformanceReport[] = [];
  for (const choice of choices) reports.push(await once(node, [...common, ...choice]));
  return {
    exitCode: Math.max(...reports.map(({ exitCode }) => exitCode)),
    output: reports.map(({ output }) => output).join('\n'),
  };
}

async function once(node: string, args: string[]): Promise<ConformanceReport> {
  try {
    const { stdout, stderr } = await run(node, args, { maxBuffer: 64 * 1024 * 1024 });
    return { exitCode: 0, output: stdout + stderr };
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const { code, stdout, stderr } = error as Error & { code: unknown; stdout: string; stderr: string };
    return { exitCode: typeof code === 'number' ? code : 1, output: stdout + stderr };
  }
}
