// The programs of the example: started, found by what they print, and ended, every one of them.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PATIENCE_MS = 60_000;
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

export interface Running {
  readonly port: number;
  /** Resolves when the process is gone. */
  stop(signal?: NodeJS.Signals): Promise<void>;
}

/** Those still running, so that our own end is theirs. */
const living = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** One of the domain servers. @param port 0 is any free one */
export function startDomain(name: 'invoicing' | 'products' | 'users', port: number): Promise<Running> {
  const args = ['--import', 'tsx', here(`${name}.ts`)];
  return start(args, { PORT: String(port) }, 'stdout', /:(\d+)\/mcp/);
}

/** The gateway: the built program itself, over Streamable HTTP. */
export function startGateway(port: number, variables: Readonly<Record<string, string>>): Promise<Running> {
  const args = [here('../../dist/main.js'), 'serve', '--transports', 'http,sse'];
  return start(args, { ...variables, MCP_PORT: String(port) }, 'stderr', /"port":(\d+)/);
}

async function start(
  args: readonly string[],
  variables: Readonly<Record<string, string>>,
  from: 'stdout' | 'stderr',
  announces: RegExp,
): Promise<Running> {
  const child = spawn(process.execPath, args, {
    cwd: here('../..'),
    // Settings of the reader's own server take no part in this.
    env: { PATH: process.env['PATH'] ?? '', ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  living.add(child);
  const gone = once(child, 'exit').then(() => living.delete(child));
  const stop = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    child.kill(signal);
    const stuck = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MS / 4);
    await gone;
    clearTimeout(stuck);
  };
  try {
    return { port: await announcedPort(child, from, announces), stop };
  } catch (error) {
    await stop('SIGKILL');
    throw error;
  }
}

function announcedPort(child: ChildProcess, from: 'stdout' | 'stderr', announces: RegExp): Promise<number> {
  return new Promise((resolve, reject) => {
    let [said, complaints] = ['', ''];
    const late = setTimeout(() => reject(new Error(`no port within ${PATIENCE_MS / 1_000} s: ${said}`)), PATIENCE_MS);
    child.stderr?.on('data', (chunk: Buffer) => {
      complaints = (complaints + chunk).slice(-2_000);
    });
    child[from]?.on('data', (chunk: Buffer) => {
      said = (said + chunk).slice(-2_000);
      const port = announces.exec(said)?.[1];
      if (port === undefined) return;
      clearTimeout(late);
      resolve(Number(port));
    });
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`ended with ${code} before it listened: ${complaints}`));
    });
  });
}
