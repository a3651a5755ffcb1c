import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type AppOptions, type RunningApp, startApp } from '../../src/app.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { type Simulator, type SimulatorOptions, startSimulator } from '../../src/simulator/server.ts';

export interface TestHouse {
  readonly simulator: Simulator;
  readonly app: RunningApp;
  readonly origin: string;
  readonly credentialsFile: string;
  /** Every log line so far. */
  readonly log: string[];
  post(
    tool: string,
    args: unknown,
    headers?: Record<string, string>,
  ): Promise<{ status: number; body: ToolBody; headers: Headers }>;
  /** Writes the credentials file anew, as an operator would. */
  writeCredentials(value: unknown): Promise<void>;
  close(): Promise<void>;
}

/** A tool's answer as tests look at it. */
// biome-ignore lint/suspicious/noExplicitAny: test assertions walk answers of every tool
export type ToolBody = any;

export const toolBody = (value: unknown): ToolBody => value;

export interface HouseOptions extends SimulatorOptions {
  readonly variables?: Record<string, string>;
  readonly transports?: AppOptions['transports'];
  readonly stdio?: NonNullable<AppOptions['stdio']>;
  readonly hubModel?: NonNullable<AppOptions['hubModel']>;
}

/** The whole product against a simulator of Omie, on free ports. */
export async function startHouse({
  variables = {},
  transports = ['sse', 'http'],
  stdio,
  hubModel,
  ...options
}: HouseOptions = {}): Promise<TestHouse> {
  const simulator = await startSimulator({ titlesPerCompany: 60, limits: false, ...options });
  const folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-house-'));
  const credentialsFile = join(folder, 'credentials.json');
  const writeCredentials = (value: unknown): Promise<void> =>
    writeFile(credentialsFile, typeof value === 'string' ? value : JSON.stringify(value), { mode: 0o600 });
  await writeCredentials(simulator.credentialsFile());
  const log: string[] = [];
  const config = loadConfig({
    dotenvPath: join(folder, '.env'),
    variables: {
      CREDENTIALS_FILE: credentialsFile,
      OMIE_BASE_URL: simulator.url,
      MCP_PORT: '0',
      MCP_LOG_LEVEL: 'debug',
      ...variables,
    },
  });
  const app = await startApp({
    ...config,
    transports,
    ...(stdio === undefined ? {} : { stdio }),
    hubModel,
    clock: simulator.clock,
    writeLog: (line) => log.push(line),
    // The test and the simulator share this process: its processor time says nothing of the house, which sheds nobody here.
    cpuMs: () => 0,
  });
  const origin = `http://127.0.0.1:${app.port}`;
  return {
    simulator,
    app,
    origin,
    credentialsFile,
    log,
    async post(tool, args, headers = {}) {
      const response = await fetch(`${origin}/tools/${tool}`, { method: 'POST', body: JSON.stringify(args), headers });
      return { status: response.status, body: await response.json(), headers: response.headers };
    },
    writeCredentials,
    async close() {
      await app.stop();
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
