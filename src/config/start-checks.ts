import { ConfigurationError } from '../errors.ts';
import type { Environment } from './environment.ts';
import type { Variables } from './load-config.ts';

/** Settings of parts that this version does not have. Ignoring one of them could leave open what was meant closed. */
const notYetSupported = ['MCP_TOKENS_FILE', 'MCP_STDIO_TOKEN', 'GATEWAY_CONFIG', 'HUB_ENABLED', 'DATABASE_URL'];

/** @throws ConfigurationError naming every setting that asks for what this version cannot do. */
export function refuseUnsupported(variables: Variables): void {
  const asked = notYetSupported.filter((name) => !['', 'false', '0', undefined].includes(variables[name]));
  if (asked.length === 0) return;
  throw new ConfigurationError(
    `${asked.join(', ')}: ainda não há suporte a isto nesta versão; remova a variável para iniciar sem.`,
    asked,
  );
}

/**
 * A server that answers to everybody must ask who they are.
 *
 * @throws ConfigurationError when HTTP would be open beyond loopback, or must ask for a token and has none.
 */
export function refuseOpenDoor(environment: Environment, overHttp: boolean): void {
  if (!overHttp || environment.MCP_AUTH_TOKEN !== undefined) return;
  if (environment.MCP_AUTH_REQUIRED) {
    throw new ConfigurationError('MCP_AUTH_REQUIRED pede um token: defina MCP_AUTH_TOKEN.');
  }
  if (!isLoopback(environment.MCP_HOST)) {
    throw new ConfigurationError(
      `MCP_HOST=${environment.MCP_HOST} deixaria o servidor aberto à rede: defina MCP_AUTH_TOKEN ou use 127.0.0.1.`,
    );
  }
}

/** True for addresses that only this machine can reach. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
