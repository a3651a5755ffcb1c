import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer, connect as openSocket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pinned } from './machine.ts';

export interface ServerSpec {
  readonly name: string;
  /** Arguments for node: flags, script, arguments. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly core: number;
  readonly cwd: string;
  /** Where its stdout and stderr go. */
  readonly logFile: string;
}

export interface RunningServer {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  readonly origin: string;
  /** Heap in use after a collection; only of servers started with `heapFlags`. */
  heapBytes(): Promise<number>;
  stop(): Promise<void>;
  /** Why it is no longer there, if it ended by itself: exit code or signal, and the end of its log. */
  collapse(): string | undefined;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1));

const START_TIMEOUT_MS = 15_000;

/** Starts a server on a free port (`{port}` in its arguments, PORT in its environment) and waits until it listens. */
export async function startServer(spec: ServerSpec): Promise<RunningServer> {
  const port = await freePort();
  const log = openSync(spec.logFile, 'w');
  const [program, ...args] = pinned(spec.core, [process.execPath, ...spec.argv]);
  const child = spawn(
    program,
    args.map((arg) => arg.replaceAll('{port}', String(port))),
    {
      cwd: spec.cwd,
      env: { ...cleanEnvironment(), ...spec.env, PORT: String(port) },
      stdio: ['ignore', log, log, 'ipc'],
    },
  );
  closeSync(log);
  running.add(child);
  child.on('exit', () => running.delete(child));
  await untilListening(port, () => {
    if (child.exitCode === null) return;
    throw new Error(`${spec.name} exited with ${child.exitCode}: ${readFileSync(spec.logFile, 'utf8').slice(-1_000)}`);
  });
  let stopped = false;
  return {
    name: spec.name,
    pid: child.pid ?? 0,
    port,
    origin: `http://127.0.0.1:${port}`,
    heapBytes: () => heapOf(child),
    stop: () => {
      stopped = true;
      return stop(child);
    },
    collapse: () => {
      if (stopped || (child.exitCode === null && child.signalCode === null)) return undefined;
      const log = readFileSync(spec.logFile, 'utf8').slice(-600);
      return `${spec.name} ended by itself (${child.exitCode ?? child.signalCode}): ${log.replaceAll('\n', ' ')}`;
    },
  };
}

/** Runs a script to its end and gives what it wrote to stdout. */
export async function runToEnd(argv: readonly string[], core: number, timeoutMs: number): Promise<string> {
  const [program, ...args] = pinned(core, [process.execPath, ...argv]);
  const child = spawn(program, args, { env: cleanEnvironment(), stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  let complaints = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    complaints += chunk.toString();
  });
  const timer = setTimeoutKill(child, timeoutMs);
  const [code] = await once(child, 'close');
  clearTimeout(timer);
  running.delete(child);
  if (code !== 0) throw new Error(`${argv[0]} ended with ${String(code)}: ${complaints.slice(-1_000)}`);
  return output;
}

/** Nothing of the caller's settings reaches a measured process: neither MCP_* nor an .env. */
export function cleanEnvironment(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', NODE_ENV: 'production' };
}

export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function untilListening(port: number, assertAlive: () => void): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await accepts(port))) {
    assertAlive();
    if (Date.now() > deadline) throw new Error(`Nothing listens on port ${port} after ${START_TIMEOUT_MS} ms.`);
    await sleep(40);
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = openSocket(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}

async function heapOf(child: ChildProcess): Promise<number> {
  const answer = once(child, 'message', { signal: AbortSignal.timeout(20_000) });
  child.send('heap');
  const [bytes] = await answer;
  return Number(bytes);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

function setTimeoutKill(child: ChildProcess, timeoutMs: number): NodeJS.Timeout {
  return setTimeout(() => child.kill('SIGKILL'), timeoutMs);
}
