import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { type RunningApp, startApp } from '../app.ts';
import { runReport } from '../clients/http-report.ts';
import { loadConfig } from '../config/load-config.ts';
import { startSimulator } from '../simulator/server.ts';
import { connectionGuide } from './connection-guide.ts';
import { integer } from './integer.ts';
import { untilStopped } from './until-stopped.ts';

interface DemoOptions {
  readonly once?: true;
  readonly port?: number;
}

/** Invented companies in a simulated Omie, the real server in front of them, and the real client's report. */
export function demoCommand(): Command {
  return new Command()
    .option('--once', 'termina depois do relatório')
    .option('--port <porta>', 'porta do servidor (MCP_PORT; se ocupada, uma livre)', integer(0, 65_535))
    .action(async ({ once, port }: DemoOptions) => {
      const simulator = await startSimulator({ companies: 3 });
      const folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-demo-'));
      const credentials = join(folder, 'credentials.json');
      await writeFile(credentials, JSON.stringify(simulator.credentialsFile(), null, 2), { mode: 0o600 });
      const start = (wanted: number | undefined): Promise<RunningApp> =>
        startApp({
          ...loadConfig({
            flags: {
              CREDENTIALS_FILE: credentials,
              OMIE_BASE_URL: simulator.url,
              MCP_PORT: wanted?.toString(),
              MCP_HOST: '127.0.0.1',
              MCP_LOG_LEVEL: 'warn',
            },
          }),
          transports: ['sse', 'http'],
        });
      const app = await start(port).catch(() => start(0));
      const stop = async (): Promise<void> => {
        await app.stop();
        await simulator.close();
        await rm(folder, { recursive: true, force: true });
      };
      const origin = `http://127.0.0.1:${app.port}`;
      process.stdout.write(`Dados inventados: três empresas num simulador do Omie.\n\n`);
      const { exitCode } = await runReport({
        url: `${origin}/mcp`,
        json: false,
        out: process.stdout,
        err: process.stderr,
        signal: new AbortController().signal,
      });
      if (once !== true) {
        process.stdout.write(connectionGuide(origin, process.argv[1] ?? 'dist/main.js', credentials, simulator.url));
        await untilStopped();
      }
      await stop();
      process.exit(exitCode);
    });
}
