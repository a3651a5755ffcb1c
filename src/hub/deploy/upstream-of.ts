import type { UpstreamConfig } from '../../gateway/config/gateway-config.ts';
import { Secret } from '../../logging/secret.ts';
import type { Reach } from '../runners/runner.ts';
import type { ServerRecord } from '../servers/server-record.ts';

/** Behind every server of the gateway file. */
const PRIORITY = 900;
const CALL_TIMEOUT_MS = 60_000;
/** What a program that is installed already has for its first words. */
const CONNECT_TIMEOUT_MS = 30_000;

/** A deployed server as the gateway mounts it. */
export function upstreamOf({ id, name, domain }: ServerRecord, reach: Reach): UpstreamConfig {
  const common = {
    id,
    name,
    priority: PRIORITY,
    domains: [domain] as const,
    capabilities: [],
    timeoutMs: CALL_TIMEOUT_MS,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    aliases: {},
    disabled: false,
    tools: { include: ['*'], exclude: [] },
  };
  if (reach.transport !== 'stdio') {
    const { transport, url, headers = {}, allowPrivateAddress } = reach;
    return { ...common, transport, url, headers, args: [], env: {}, allowPrivateAddress };
  }
  const { command, args, env, cwd, ownSessions } = reach;
  const secrets = Object.fromEntries(Object.entries(env).map(([key, value]) => [key, new Secret(value)]));
  return {
    ...common,
    transport: 'stdio',
    command,
    args,
    env: secrets,
    cwd,
    headers: {},
    allowPrivateAddress: false,
    ...(ownSessions === undefined ? {} : { stateful: true, maxSessions: ownSessions }),
  };
}
