import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { credentials } from './credentials.ts';
import { LOAD_CORE, SERVER_CORE } from './machine.ts';
import { compiledBench, serverEntry } from './paths.ts';
import { cleanEnvironment, freePort, type RunningServer, startServer } from './processes.ts';

export interface BenchOptions {
  /** Short rounds: shows that everything runs, not how fast. */
  readonly quick: boolean;
}

/** Preloads that let a process report its heap. */
export const heapFlags: readonly string[] = [
  '--expose-gc',
  '--import',
  pathToFileURL(compiledBench('servers/report-heap.js')).href,
];

const onlyLoopback = pathToFileURL(compiledBench('servers/only-loopback.js')).href;

/** One run: its directory, how long things take, and how to start every contender. */
export class Bench {
  readonly quick: boolean;
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly directory = mkdtempSync(join(tmpdir(), 'omie-mcp-hub-bench-'));
  readonly answerFile = join(this.directory, 'answer.json');
  readonly #running: RunningServer[] = [];

  constructor({ quick }: BenchOptions) {
    this.quick = quick;
    this.rounds = quick ? 2 : 5;
    this.warmUpMs = quick ? 200 : 500;
    this.measureMs = quick ? 300 : 1_500;
  }

  note(text: string): void {
    process.stderr.write(`${text}\n`);
  }

  /** Our server as people run it: everything on, log to a file, Omie replaced by the fake one at `omie`. */
  async startOurs(
    omie: string,
    companies: readonly string[],
    nodeFlags: readonly string[] = [],
    more: Readonly<Record<string, string>> = {},
  ): Promise<RunningServer> {
    const argv = [...nodeFlags, serverEntry, 'serve', '--transports', 'http,sse', '--port', '{port}'];
    return this.#start('omie-mcp-hub', argv, {
      ...this.ourEnvironment(omie, companies),
      ...(await withMetrics()),
      ...more,
    });
  }

  /** The same, at an Omie without limits. */
  async startUnlimited(omie: string, companies: readonly string[]): Promise<RunningServer> {
    return this.startScript('ours-unlimited', { ...this.ourEnvironment(omie, companies), ...(await withMetrics()) });
  }

  ourEnvironment(omie: string, companies: readonly string[]): Record<string, string> {
    const file = join(this.directory, `credentials-${companies.length}.json`);
    writeFileSync(file, JSON.stringify(credentials(companies)));
    return { MCP_HOST: '127.0.0.1', MCP_LOG_LEVEL: 'info', CREDENTIALS_FILE: file, OMIE_BASE_URL: `${omie}/api/v1/` };
  }

  /** A server of bench/servers, compiled. */
  startScript(
    script: string,
    env: Readonly<Record<string, string>> = {},
    { core = SERVER_CORE, nodeFlags = [] }: { core?: number; nodeFlags?: readonly string[] } = {},
  ): Promise<RunningServer> {
    return this.#start(
      script,
      [...nodeFlags, compiledBench(`servers/${script}.js`)],
      this.scriptEnvironment(env),
      core,
    );
  }

  /** A program of somebody else's, kept on loopback; `{port}` stands for its port. */
  startPeer(name: string, program: string, args: readonly string[]): Promise<RunningServer> {
    return this.#start(name, ['--import', onlyLoopback, program, ...args], this.scriptEnvironment({}));
  }

  scriptEnvironment(env: Readonly<Record<string, string>>): Record<string, string> {
    return { ...cleanEnvironment(), BENCH_ANSWER: this.answerFile, ...env };
  }

  startOmie(latencyMs: number): Promise<RunningServer> {
    return this.startScript('fake-omie', { BENCH_LATENCY_MS: String(latencyMs) }, { core: LOAD_CORE });
  }

  /** Ends every server that a measure left running; says which had already gone. */
  async stopServers(): Promise<readonly string[]> {
    const servers = this.#running.splice(0);
    const collapses = servers.map((server) => server.collapse()).filter((reason) => reason !== undefined);
    await Promise.all(servers.map((server) => server.stop()));
    return collapses;
  }

  async close(): Promise<void> {
    await this.stopServers();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #start(name: string, argv: readonly string[], env: Record<string, string>, core = SERVER_CORE) {
    const logFile = join(this.directory, `${name}-${this.#running.length}.log`);
    const server = await startServer({ name, argv, env, core, cwd: this.directory, logFile });
    this.#running.push(server);
    return server;
  }
}

async function withMetrics(): Promise<Record<string, string>> {
  return { ENABLE_METRICS: 'true', METRICS_PORT: String(await freePort()) };
}
