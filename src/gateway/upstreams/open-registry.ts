import { setTimeout as wait } from 'node:timers/promises';
import { CancelledError, UpstreamUnavailableError } from '../../errors.ts';
import type { GatewayConfig } from '../config/gateway-config.ts';
import { Registry, type RegistryParts } from './registry.ts';

/**
 * So long a start that need not be complete waits for all servers together: those that are quick are in the first list that
 * a client asks for, and one that hangs is waited for by nobody.
 */
const FIRST_TRIES_MS = 2_000;

export interface RegistryStart {
  /** Gives the start up. */
  readonly stop?: AbortSignal | undefined;
  readonly firstTriesMs?: number | undefined;
}

/**
 * Connects to every server at once. With `failFast` one that cannot be reached stops the start; without, it is looked
 * for in the background, and the start waits for one try of each, not for its retries, and {@link FIRST_TRIES_MS} at most.
 *
 * @throws UpstreamUnavailableError naming each server that failed; CancelledError; nothing is left running then
 */
export async function openRegistry(
  config: GatewayConfig,
  parts: RegistryParts,
  { stop, firstTriesMs = FIRST_TRIES_MS }: RegistryStart = {},
): Promise<Registry> {
  const registry = new Registry(config.orchestration, parts);
  const over = new AbortController();
  try {
    await registry.reconfigure(config);
    const waits = config.orchestration.failFast ? allThere(registry) : firstTries(registry, firstTriesMs, over.signal);
    await Promise.race([waits, ...(stop === undefined ? [] : [cancelled(stop, over.signal)])]);
    return registry;
  } catch (thrown) {
    await registry.close();
    throw thrown;
  } finally {
    over.abort();
  }
}

async function allThere({ upstreams }: Registry): Promise<void> {
  await Promise.all(upstreams.map(async ({ id, arrival }) => failed(id, await arrival.started)));
}

async function firstTries({ upstreams }: Registry, timeoutMs: number, over: AbortSignal): Promise<void> {
  const tries = Promise.all(upstreams.map(({ arrival }) => arrival.tried));
  await Promise.race([tries, wait(timeoutMs, undefined, { signal: over }).catch(() => {})]);
}

/** Rejects when it is given up before it is over. */
function cancelled(stop: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const give = (): void => reject(new CancelledError());
    if (stop.aborted) give();
    else stop.addEventListener('abort', give, { once: true, signal: over });
  });
}

function failed(id: string, problem: string | undefined): void {
  if (problem === undefined) return;
  throw new UpstreamUnavailableError(`O servidor ${id} não pôde ser montado: ${problem}.`, {
    hint: 'Corrija o servidor, marque-o com disabled: true, ou use orchestration.fail_fast: false para iniciar sem ele.',
  });
}
