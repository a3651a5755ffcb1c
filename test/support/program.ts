import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/server.ts';

export const entry = fileURLToPath(new URL('../../dist/main.js', import.meta.url));

/** A running program whose output is kept and whose end can be awaited. */
export class Program {
  readonly child: ChildProcessWithoutNullStreams;
  stdout = '';
  stderr = '';
  readonly #exited: Promise<number | null>;

  constructor(args: readonly string[], env: Record<string, string>) {
    this.child = spawn(process.execPath, [entry, ...args], {
      env: { PATH: process.env['PATH'] ?? '', ...env },
      cwd: tmpdir(),
    });
    this.child.stdout.on('data', (chunk: Buffer) => {
      this.stdout += chunk;
    });
    this.child.stderr.on('data', (chunk: Buffer) => {
      this.stderr += chunk;
    });
    this.child.stdin.on('error', () => {});
    this.#exited = once(this.child, 'close').then(([code]) => code);
  }

  /** The exit code, and how many milliseconds it took from now. */
  async exit(): Promise<{ code: number | null; ms: number }> {
    const from = Date.now();
    return { code: await this.#exited, ms: Date.now() - from };
  }

  send(message: unknown): void {
    this.child.stdin.write(`${JSON.stringify(message)}\n`);
  }

  /** The answer to a request id, once it is on stdout. */
  async answer(id: number): Promise<{ result?: Record<string, unknown>; error?: { code: number; message: string } }> {
    return this.#poll(() => this.messages().find((message) => message['id'] === id));
  }

  messages(): Record<string, unknown>[] {
    return this.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  }

  /** The port the log announces. */
  async port(): Promise<number> {
    return this.#poll(() => {
      const port = /"port":(\d+)/.exec(this.stderr)?.[1];
      return port === undefined ? undefined : Number(port);
    });
  }

  async until(seen: (program: Program) => boolean): Promise<void> {
    await this.#poll(() => (seen(this) ? true : undefined));
  }

  kill(signal: NodeJS.Signals = 'SIGKILL'): void {
    this.child.kill(signal);
  }

  async #poll<T>(look: () => T | undefined): Promise<T> {
    for (let waited = 0; waited < 15_000; waited += 20) {
      const found = look();
      if (found !== undefined) return found;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error(`not seen in 15 s; stderr: ${this.stderr.slice(-2_000)}`);
  }
}

export interface Bench {
  readonly simulator: Simulator;
  readonly credentialsFile: string;
  /** Environment of a program that speaks to this simulator, on a free port. */
  readonly env: Record<string, string>;
  run(args: readonly string[], env?: Record<string, string>): Program;
  close(): Promise<void>;
}

/** A simulator, its credentials in a folder of their own, and programs that all end when the bench closes. */
export async function startBench(options: SimulatorOptions = {}): Promise<Bench> {
  const simulator = await startSimulator({ titlesPerCompany: 60, limits: false, ...options });
  const folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-test-'));
  const credentialsFile = join(folder, 'credentials.json');
  await writeFile(credentialsFile, JSON.stringify(simulator.credentialsFile()), { mode: 0o600 });
  const env = { CREDENTIALS_FILE: credentialsFile, OMIE_BASE_URL: simulator.url, MCP_PORT: '0' };
  const programs: Program[] = [];
  return {
    simulator,
    credentialsFile,
    env,
    run(args, extra = {}) {
      const program = new Program(args, { ...env, ...extra });
      programs.push(program);
      return program;
    },
    async close() {
      for (const program of programs) program.kill();
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

export const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-06-18', capabilities: {}, clientInfo: { name: 'test', version: '1.0.0' } },
};

/** A request for a tool. */
export const call = (id: number, name: string, args: object = {}): object => ({
  jsonrpc: '2.0',
  id,
  method: 'tools/call',
  params: { name, arguments: args },
});
