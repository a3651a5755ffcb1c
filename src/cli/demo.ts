import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { type RunningApp, startApp } from '../app.ts';
import { runReport } from '../clients/http-report.ts';
import { loadConfig } from '../config/load-config.ts';
import { listen } from '../http/listen.ts';
import { startSimulator } from '../simulator/server.ts';
import { withInterrupt } from './client-options.ts';
import { connectionGuide } from './connection-guide.ts';
import { integer } from './integer.ts';
import { untilStopped } from './until-stopped.ts';

interface DemoOptions {
  readonly once?: true;
  readonly port: number;
}

/** Invented companies in a simulated Omie, the real server in front of them, and the real client's report. */
export function demoCommand(): Command {
  return new Command()
    .option('--once', 'termina depois do relatório')
    .option('--port <porta>', 'porta do servidor (8000; se ocupada, uma livre)', integer(0, 65_535), 8000)
    .action(async ({ once, port }: DemoOptions) => {
      const simulator = await startSimulator({ companies: 3 });
      const folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-demo-'));
      try {
        const credentials = join(folder, 'credentials.json');
        await writeFile(credentials, JSON.stringify(simulator.credentialsFile(), null, 2), { mode: 0o600 });
        const app = await startOnFreePort(port, { CREDENTIALS_FILE: credentials, OMIE_BASE_URL: simulator.url });
        try {
          process.exitCode = await showDemo(app, credentials, simulator.url, once === true);
        } finally {
          await app.stop();
        }
      } finally {
        await simulator.close();
        await rm(folder, { recursive: true, force: true });
      }
      // Keep-alive sockets of clients must not hold a program that has closed everything of its own.
      process.exit();
    });
}

async function showDemo(app: RunningApp, credentials: string, omieUrl: string, once: boolean): Promise<number> {
  const origin = `http://127.0.0.1:${app.port}`;
  process.stdout.write('Dados inventados: três empresas num simulador do Omie.\n\n');
  const { exitCode } = await withInterrupt((signal) =>
    runReport({ url: `${origin}/mcp`, json: false, out: process.stdout, err: process.stderr, signal }),
  );
  if (once) return exitCode;
  process.stdout.write(connectionGuide(origin, process.argv[1] ?? 'dist/main.js', credentials, omieUrl));
  await untilStopped();
  return exitCode;
}

/** The user's own settings take no part in the demo: it must look the same on every machine. */
async function startOnFreePort(port: number, settings: Record<string, string>): Promise<RunningApp> {
  const start = (wanted: number): Promise<RunningApp> => {
    const variables = { ...settings, MCP_HOST: '127.0.0.1', MCP_PORT: String(wanted), MCP_LOG_LEVEL: 'error' };
    return startApp({ ...loadConfig({ variables, dotenvPath: '' }), transports: ['sse', 'http'] });
  };
  return (await isFree(port)) ? start(port) : start(0);
}

async function isFree(port: number): Promise<boolean> {
  try {
    const probe = await listen(() => {}, { host: '127.0.0.1', port, behindProxy: false });
    await probe.close();
    return true;
  } catch {
    return false;
  }
}
