import type { Agent } from 'node:http';
import type Dockerode from 'dockerode';
import { HubError } from '../../problem.ts';
import type { EngineAddress } from './engine-address.ts';
import { limitCalls } from './limited-calls.ts';

export type Engine = Dockerode;

/** What Engine 25 of January 2024 spoke first, and every one since then speaks as well. */
const API_VERSION = 'v1.44';

/**
 * Calls nothing yet. The library is loaded here alone: most hubs have no Docker.
 *
 * @param agent for connections that are to end together
 * @throws HubError (`nao_configurado`) where it is not installed
 */
export async function openEngine(address: EngineAddress, agent?: Agent): Promise<Engine> {
  const { default: Docker } = await import('dockerode').catch((cause: unknown) => {
    throw new HubError('nao_configurado', 'Falta o pacote dockerode.', {
      hint: 'Instale-o ao lado do hub: npm install dockerode@5.',
      cause,
    });
  });
  const where =
    'socketPath' in address
      ? // The library reads DOCKER_HOST itself where it is not told otherwise, and prefers a host over a socket.
        { socketPath: address.socketPath, host: '' }
      : { host: address.host, port: address.port };
  // The library's own time is for silence, which a pull, a build and a conversation may keep.
  const engine = new Docker({ ...where, protocol: 'http', version: API_VERSION, timeout: 0, ...(agent && { agent }) });
  limitCalls(engine.modem);
  return engine;
}
