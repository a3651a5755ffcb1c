import { UpstreamUnavailableError } from '../../errors.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { Registry, type RegistryParts } from './registry.ts';

/**
 * Connects to every server at once. With `failFast` one that cannot be reached stops the start; without, it is looked
 * for in the background, and the start waits for one try of each, not for its retries.
 *
 * @throws UpstreamUnavailableError naming each server that failed; nothing is left running then
 */
export async function openRegistry(config: GatewayConfig, parts: RegistryParts): Promise<Registry> {
  const registry = new Registry(config.orchestration, parts);
  await registry.reconfigure(config);
  try {
    if (config.orchestration.failFast) {
      await Promise.all(registry.upstreams.map(async ({ id, arrival }) => failed(id, await arrival.started)));
    } else await Promise.all(registry.upstreams.map(({ arrival }) => arrival.tried));
    return registry;
  } catch (thrown) {
    await registry.close();
    throw thrown;
  }
}

function failed(id: string, problem: string | undefined): void {
  if (problem === undefined) return;
  throw new UpstreamUnavailableError(`O servidor ${id} não pôde ser montado: ${problem}.`, {
    hint: 'Corrija o servidor, marque-o com disabled: true, ou use orchestration.fail_fast: false para iniciar sem ele.',
  });
}
