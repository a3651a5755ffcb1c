// Three domain servers behind the gateway, seen by a client: examples/domains/ on ports that are free.
import { anyPorts, walkThrough } from './domains/walk-through.ts';
import type { House } from './start-house.ts';

export async function run({ simulator, credentialsFile }: House): Promise<void> {
  await walkThrough({
    ports: anyPorts,
    omie: { CREDENTIALS_FILE: credentialsFile, OMIE_BASE_URL: simulator.url },
  });
}
