// A simulator of Omie and the real server in front of it, both on free ports.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startApp } from '../src/app.ts';
import { loadConfig } from '../src/config/load-config.ts';
import { type Simulator, startSimulator } from '../src/simulator/server.ts';

export interface House {
  readonly simulator: Simulator;
  /** E.g. `http://127.0.0.1:43210`. */
  readonly origin: string;
  readonly credentialsFile: string;
  close(): Promise<void>;
}

export async function startHouse(): Promise<House> {
  const simulator = await startSimulator({ companies: 3 });
  const folder = await mkdtemp(join(tmpdir(), 'omie-mcp-hub-'));
  const credentialsFile = join(folder, 'credentials.json');
  await writeFile(credentialsFile, JSON.stringify(simulator.credentialsFile()), { mode: 0o600 });
  const config = loadConfig({
    variables: {
      CREDENTIALS_FILE: credentialsFile,
      OMIE_BASE_URL: simulator.url,
      MCP_PORT: '0',
      MCP_LOG_LEVEL: 'silent',
    },
  });
  const app = await startApp({ ...config, transports: ['sse', 'http'] });
  return {
    simulator,
    origin: `http://127.0.0.1:${app.port}`,
    credentialsFile,
    async close() {
      await app.stop();
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
