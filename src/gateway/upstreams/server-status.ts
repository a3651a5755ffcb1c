import type { UpstreamConfig } from '../config/gateway-config.ts';
import type { MountedServer, UpstreamState } from './upstream-registry.ts';

/** One server as operators are shown it (contract: `GET /mcp/status`); the library's names are the same. */
export interface ServerStatus {
  readonly id: string;
  readonly name: string;
  readonly connected: boolean;
  readonly state: UpstreamState;
  readonly priority: number;
  readonly domains: readonly string[];
  readonly transport: UpstreamConfig['transport'];
  /** Why it is not connected, or what of it is held back. */
  readonly error: string | null;
  /** ISO 8601. */
  readonly last_connected: string | null;
}

export function serverStatus({ id, name, state, config, problem, lastConnected }: MountedServer): ServerStatus {
  return {
    id,
    name,
    connected: state === 'connected',
    state,
    priority: config.priority,
    domains: config.domains,
    transport: config.transport,
    error: problem ?? null,
    last_connected: lastConnected?.toISOString() ?? null,
  };
}
