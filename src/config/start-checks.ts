import { ConfigurationError } from '../errors.ts';
import type { Environment } from './environment.ts';
import type { Variables } from './load-config.ts';
import { isLoopback } from './loopback.ts';

/** Settings of parts that this version does not have. Ignoring one of them could leave open what was meant closed. */
const notYetSupported = ['HUB_ENABLED'];

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
  if (!overHttp || asksWho(environment)) return;
  if (environment.MCP_AUTH_REQUIRED) {
    throw new ConfigurationError(`MCP_AUTH_REQUIRED pede um token: defina ${waysIn}.`);
  }
  if (!isLoopback(environment.MCP_HOST)) {
    throw new ConfigurationError(
      `MCP_HOST=${environment.MCP_HOST} deixaria o servidor aberto à rede: defina ${waysIn}, ou use 127.0.0.1.`,
    );
  }
}

const waysIn = 'MCP_AUTH_TOKEN, MCP_TOKENS_FILE ou MCP_OAUTH_ISSUER';

function asksWho({ MCP_AUTH_TOKEN, MCP_TOKENS_FILE, MCP_OAUTH_ISSUER }: Environment): boolean {
  return [MCP_AUTH_TOKEN, MCP_TOKENS_FILE, MCP_OAUTH_ISSUER].some((way) => way !== undefined);
}
