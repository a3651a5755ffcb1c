/** What runs inside a sandbox: everything is pinned, and paths are below the home of the sandbox's user. Pure. */
import { z } from 'zod';
import type { Command } from './runner.ts';
import { shellLine } from './shell-line.ts';

/** Speaks Streamable HTTP for a program that only knows stdio; looked at in this version. */
const SUPERGATEWAY = 'supergateway@4.0.0';

/** Where the server answers, within its sandbox. */
export const SANDBOX_PORT = 8000;
export const MCP_PATH = '/mcp';
export const HEALTH_PATH = '/healthz';

export const e2bLaunchSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('npm'), name: z.string(), version: z.string(), bin: z.string() }),
  z.object({ kind: z.literal('pypi'), name: z.string(), version: z.string() }),
  z.object({
    kind: z.literal('repository'),
    url: z.string().regex(/^https:\/\/github\.com\/[A-Za-z0-9-]+\/[A-Za-z0-9_.-]+$/),
    commit: z.string().regex(/^[0-9a-f]{40}(?:[0-9a-f]{24})?$/),
    folder: z.string(),
    program: z.enum(['node', 'python']),
    /** Inside the folder. */
    entry: z.string(),
    /** `lock`: of Node, the very versions of its lock file; `list`: whatever its file of this commit asks for. */
    packages: z.enum(['none', 'lock', 'list']),
  }),
]);
export type E2bLaunch = z.output<typeof e2bLaunchSchema>;

const SERVER = 'hub/server';
const PYTHON = 'hub/venv/bin/python';
const VENV: Command = { command: 'python3', args: ['-m', 'venv', 'hub/venv'] };

/** In order; each has to end well before the next. */
export function installCommands(launch: E2bLaunch): readonly Command[] {
  const gateway = npm('install', 'hub/gateway', ['--save-exact'], SUPERGATEWAY);
  switch (launch.kind) {
    case 'npm':
      return [gateway, npm('install', SERVER, ['--save-exact'], `${launch.name}@${launch.version}`)];
    case 'pypi':
      return [gateway, VENV, pip('--', `${launch.name}==${launch.version}`)];
    case 'repository':
      return [gateway, ...checkout(launch), ...packagesOf(launch)];
  }
}

type Repository = Extract<E2bLaunch, { kind: 'repository' }>;
const folderOf = ({ folder }: Repository): string => (folder === '' ? SERVER : `${SERVER}/${folder}`);

/** This one commit, by its full name: a branch may have moved since the plan. */
function checkout({ url, commit }: Repository): readonly Command[] {
  const git = (...args: string[]): Command => ({ command: 'git', args: ['-C', SERVER, ...args] });
  return [
    { command: 'git', args: ['init', '--quiet', SERVER] },
    git('fetch', '--quiet', '--depth=1', '--no-tags', '--', `${url}.git`, commit),
    git('checkout', '--quiet', '--detach', commit),
  ];
}

/** Scripts of what a repository names are not run: nobody looked at those packages. */
function packagesOf(launch: Repository): readonly Command[] {
  const { program, packages } = launch;
  const folder = folderOf(launch);
  if (program === 'python') return packages === 'none' ? [VENV] : [VENV, pip('-r', `${folder}/requirements.txt`)];
  if (packages === 'none') return [];
  return [npm(packages === 'lock' ? 'ci' : 'install', folder, ['--ignore-scripts'])];
}

/** The server itself, behind supergateway: one process of it for each conversation, which keeps its state. */
export function serveCommand(launch: E2bLaunch, args: readonly string[]): Command {
  const gateway = 'hub/gateway/node_modules/supergateway/dist/index.js';
  const options = ['--outputTransport', 'streamableHttp', '--stateful', '--port', String(SANDBOX_PORT)];
  const paths = ['--streamableHttpPath', MCP_PATH, '--healthEndpoint', HEALTH_PATH];
  const program = [...programOf(launch), ...args];
  // supergateway hands this to a shell; `exec` leaves none of it between them.
  return { command: 'node', args: [gateway, '--stdio', `exec ${shellLine(program)}`, ...options, ...paths] };
}

function programOf(launch: E2bLaunch): readonly string[] {
  switch (launch.kind) {
    case 'npm':
      return ['node', `${SERVER}/node_modules/${launch.name}/${launch.bin}`];
    case 'pypi':
      return [`hub/venv/bin/${launch.name}`];
    case 'repository': {
      const file = `${folderOf(launch)}/${launch.entry}`;
      return launch.program === 'node' ? ['node', file] : [PYTHON, '-u', file];
    }
  }
}

/** As the sandbox takes it: a line for its shell. */
export function lineOf({ command, args }: Command): string {
  return shellLine([command, ...args]);
}

/** The line of {@link serveCommand}. On stdout supergateway writes every message, on stderr what is worth a log. */
export function serveLine(launch: E2bLaunch, args: readonly string[]): string {
  return `exec ${lineOf(serveCommand(launch, args))} >/dev/null`;
}

function npm(does: 'install' | 'ci', folder: string, more: readonly string[], spec?: string): Command {
  const options = ['--no-audit', '--no-fund', '--no-update-notifier', '--omit=dev', ...more, '--loglevel=warn'];
  return {
    command: 'npm',
    args: [does, `--prefix=${folder}`, ...options, ...(spec === undefined ? [] : ['--', spec])],
  };
}

function pip(...what: string[]): Command {
  const options = ['--no-input', '--disable-pip-version-check', '--no-cache-dir'];
  return { command: PYTHON, args: ['-m', 'pip', 'install', ...options, ...what] };
}
