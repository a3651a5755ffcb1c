// npx tsx examples/domains/main.ts [--stay] [--any-ports]: the example by itself, with a simulator in Omie's place.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startSimulator } from '../../src/simulator/server.ts';
import { anyPorts, documentedPorts, type Ports, walkThrough } from './walk-through.ts';

const { values } = parseArgs({ options: { stay: { type: 'boolean' }, 'any-ports': { type: 'boolean' } } });
const fromEnvironment = (name: string, port: number): number => Number(process.env[name] ?? port);
const chosen: Ports = {
  gateway: fromEnvironment('GATEWAY_PORT', documentedPorts.gateway),
  invoicing: fromEnvironment('INVOICING_PORT', documentedPorts.invoicing),
  products: fromEnvironment('PRODUCTS_PORT', documentedPorts.products),
  users: fromEnvironment('USERS_PORT', documentedPorts.users),
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => (endStay ?? process.exit)(1));
let endStay: ((code: number) => void) | undefined;

const simulator = await startSimulator({ companies: 1 });
const folder = await mkdtemp(join(tmpdir(), 'domains-omie-'));
try {
  const credentials = join(folder, 'credentials.json');
  await writeFile(credentials, JSON.stringify(simulator.credentialsFile()), { mode: 0o600 });
  await walkThrough({
    ports: values['any-ports'] === true ? anyPorts : chosen,
    omie: { CREDENTIALS_FILE: credentials, OMIE_BASE_URL: simulator.url },
    ...(values.stay === true ? { afterwards: stay } : {}),
  });
  console.log('ok');
} finally {
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
}

function stay(origin: string): Promise<void> {
  console.log(`The gateway stays at ${origin}/mcp; Ctrl+C ends all of it.`);
  return new Promise((resolve) => {
    // A signal alone holds no process open.
    const open = setInterval(() => {}, 60_000);
    endStay = () => {
      clearInterval(open);
      resolve();
    };
  });
}
