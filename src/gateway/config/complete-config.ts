import { resolve } from 'node:path';
import { isLoopback } from '../../config/loopback.ts';
import { Secret } from '../../logging/secret.ts';
import type { GatewayConfig, Orchestration, UpstreamAuth, UpstreamConfig } from './gateway-config.ts';
import type { GatewayFile, OrchestrationEntry, ServerEntry } from './gateway-schema.ts';

export const DEFAULT_PRIORITY = 100;
const DEFAULT_TIMEOUT_S = 30;
const DEFAULT_CONNECT_TIMEOUT_S = 5;

/** What holds where no file says otherwise. */
export const defaultOrchestration = (): Orchestration => orchestrationOf({});

/** The file with defaults filled in; it must have passed the schema and the cross checks. Paths start at `baseDir`. */
export function completeConfig(file: GatewayFile, baseDir: string): GatewayConfig {
  return {
    servers: Object.entries(file.mcp_servers).map(([id, entry]) => upstreamOf(id, entry, baseDir)),
    orchestration: orchestrationOf(file.orchestration ?? {}),
  };
}

export function transportOf({ transport, command }: ServerEntry): UpstreamConfig['transport'] {
  if (transport === undefined) return command === undefined ? 'http' : 'stdio';
  return transport === 'stdio' || transport === 'sse' ? transport : 'http';
}

function upstreamOf(id: string, entry: ServerEntry, baseDir: string): UpstreamConfig {
  const { name = id, url, command, args = [], cwd, priority = DEFAULT_PRIORITY, capabilities = [], tools } = entry;
  const auth = authOf(entry.auth);
  const [first = id, ...others] = new Set(entry.domains);
  return Object.freeze({
    id,
    name,
    transport: transportOf(entry),
    ...(url === undefined ? {} : { url }),
    ...(command === undefined ? {} : { command }),
    args,
    env: secrets(entry.env),
    ...(cwd === undefined ? {} : { cwd: resolve(baseDir, cwd) }),
    headers: secrets(entry.headers),
    priority,
    domains: [first, ...others] as const,
    capabilities,
    timeoutMs: milliseconds(entry.timeout ?? DEFAULT_TIMEOUT_S),
    connectTimeoutMs: milliseconds(entry.connect_timeout ?? DEFAULT_CONNECT_TIMEOUT_S),
    ...(auth === undefined ? {} : { auth }),
    aliases: entry.aliases ?? {},
    allowPrivateAddress: entry.allow_private_address ?? (url !== undefined && isLoopback(new URL(url).hostname)),
    disabled: entry.disabled ?? false,
    ...(entry.stateful === undefined ? {} : { stateful: entry.stateful }),
    tools: { include: tools?.include ?? ['*'], exclude: tools?.exclude ?? [] },
  });
}

function orchestrationOf(entry: OrchestrationEntry): Orchestration {
  const { log_level: level = 'INFO' } = entry;
  const levels = { DEBUG: 'debug', INFO: 'info', WARNING: 'warn', ERROR: 'error' } as const;
  return Object.freeze({
    resourceCacheTtlMs: milliseconds(entry.resource_cache_ttl ?? 300),
    failFast: entry.fail_fast ?? true,
    maxRetries: entry.max_retries ?? 3,
    maxConnections: entry.max_connections ?? 10,
    logLevel: levels[level],
    enableLogging: entry.enable_logging ?? true,
  });
}

function authOf(auth: ServerEntry['auth']): UpstreamAuth | undefined {
  if (auth?.bearer !== undefined) return { kind: 'bearer', token: new Secret(auth.bearer) };
  if (auth?.basic !== undefined) {
    return { kind: 'basic', user: auth.basic.user, password: new Secret(auth.basic.password) };
  }
  if (auth?.header === undefined || auth.value === undefined) return undefined;
  return { kind: 'header', name: auth.header, value: new Secret(auth.value) };
}

function secrets(texts: Readonly<Record<string, string>> = {}): Readonly<Record<string, Secret>> {
  return Object.fromEntries(Object.entries(texts).map(([name, value]) => [name, new Secret(value)]));
}

const milliseconds = (seconds: number): number => Math.round(seconds * 1_000);
