import { resolve } from 'node:path';
import { childEnvironment } from '../config/child-environment.ts';
import { packageVersion } from '../config/package-version.ts';
import { ConfigurationError } from '../errors.ts';
import { isFolder } from '../files/is-folder.ts';
import { jsonPath } from '../files/json-path.ts';
import { checkOnline, type ProbeUpstream } from '../gateway/config/check-online.ts';
import type { Finding } from '../gateway/config/cross-checks.ts';
import type { GatewayConfig, UpstreamConfig } from '../gateway/config/gateway-config.ts';
import { openGatewayFile } from '../gateway/config/gateway-source.ts';
import { refusedAddresses } from '../gateway/config/refused-addresses.ts';
import { createLogger } from '../logging/logger.ts';
import { SecretScrubber } from '../logging/redact.ts';

export interface GatewayCheck {
  readonly path: string;
  /** For `${VAR}` and `GATEWAY__…`. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Connects to each server too. */
  readonly online: boolean;
  /** Takes one line, without its end. */
  readonly say: (line: string) => void;
}

/** Checks the gateway file, one line a finding and never a value; online every server too. True when all is well. */
export async function checkGateway({ path, variables, online, say }: GatewayCheck): Promise<boolean> {
  const config = readConfig(path, variables, say);
  if (config === undefined) return false;
  const findings = [...astray(config), ...refusedAddresses(config)];
  for (const [at, message] of findings) say(`erro: ${jsonPath(at)}: ${message}`);
  if (findings.length > 0) return false;
  for (const server of config.servers) say(describe(server));
  if (!online) return true;
  const answers = await checkOnline(config, await openProbe(variables));
  for (const { server, text, good } of answers) say(`${good ? 'ok' : 'erro'} no servidor ${server}: ${text}`);
  return answers.every(({ good }) => good);
}

function astray({ servers }: GatewayConfig): Finding[] {
  return servers
    .filter(({ cwd, disabled }) => !disabled && cwd !== undefined && !isFolder(cwd))
    .map(({ id }) => [
      ['mcp_servers', id, 'cwd'],
      'a pasta não existe ou não pode ser lida; crie-a ou corrija o caminho',
    ]);
}

/** Loaded late: who checks the file alone needs no connection. */
async function openProbe(variables: GatewayCheck['variables']): Promise<ProbeUpstream> {
  const { probeUpstream } = await import('../gateway/upstreams/probe-upstream.ts');
  return probeUpstream({
    logger: createLogger({ level: 'silent', scrubber: new SecretScrubber() }),
    baseEnvironment: childEnvironment(variables),
    clientInfo: { name: 'omie-mcp-hub', version: packageVersion() },
  });
}

function readConfig(
  path: string,
  variables: GatewayCheck['variables'],
  say: GatewayCheck['say'],
): GatewayConfig | undefined {
  try {
    const outcome = openGatewayFile({ path: resolve(path), variables }).load();
    if (outcome.kind === 'rejected') return undefined;
    if (outcome.kind === 'loaded') for (const warning of outcome.warnings) say(`aviso: ${warning}`);
    return outcome.content;
  } catch (thrown) {
    if (!(thrown instanceof ConfigurationError)) throw thrown;
    for (const problem of thrown.problems) say(`erro: ${problem}`);
    return undefined;
  }
}

function describe({ id, transport, priority, domains, disabled }: UpstreamConfig): string {
  const state = disabled ? 'desligado' : 'ok';
  return `${state}: ${id} (${transport}, prioridade ${priority}, domínios: ${domains.join(', ')})`;
}
