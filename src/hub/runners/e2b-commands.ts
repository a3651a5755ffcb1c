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
]);
export type E2bLaunch = z.output<typeof e2bLaunchSchema>;

/** In order; each has to end well before the next. */
export function installCommands(launch: E2bLaunch): readonly Command[] {
  const gateway = npmInstall('hub/gateway', SUPERGATEWAY);
  if (launch.kind === 'npm') return [gateway, npmInstall('hub/server', `${launch.name}@${launch.version}`)];
  const pip = ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--no-cache-dir', '--'];
  return [
    gateway,
    { command: 'python3', args: ['-m', 'venv', 'hub/venv'] },
    { command: 'hub/venv/bin/python', args: [...pip, `${launch.name}==${launch.version}`] },
  ];
}

/** The server itself, behind supergateway: one process of it for each conversation, which keeps its state. */
export function serveCommand(launch: E2bLaunch, args: readonly string[]): Command {
  const program =
    launch.kind === 'npm'
      ? ['node', `hub/server/node_modules/${launch.name}/${launch.bin}`, ...args]
      : [`hub/venv/bin/${launch.name}`, ...args];
  const gateway = 'hub/gateway/node_modules/supergateway/dist/index.js';
  const options = ['--outputTransport', 'streamableHttp', '--stateful', '--port', String(SANDBOX_PORT)];
  const paths = ['--streamableHttpPath', MCP_PATH, '--healthEndpoint', HEALTH_PATH];
  // supergateway hands this to a shell; `exec` leaves none of it between them.
  return { command: 'node', args: [gateway, '--stdio', `exec ${shellLine(program)}`, ...options, ...paths] };
}

/** As the sandbox takes it: a line for its shell. */
export function lineOf({ command, args }: Command): string {
  return shellLine([command, ...args]);
}

/** The line of {@link serveCommand}. On stdout supergateway writes every message, on stderr what is worth a log. */
export function serveLine(launch: E2bLaunch, args: readonly string[]): string {
  return `exec ${lineOf(serveCommand(launch, args))} >/dev/null`;
}

function npmInstall(folder: string, spec: string): Command {
  const options = ['--no-audit', '--no-fund', '--no-update-notifier', '--omit=dev', '--save-exact', '--loglevel=warn'];
  return { command: 'npm', args: ['install', `--prefix=${folder}`, ...options, '--', spec] };
}
