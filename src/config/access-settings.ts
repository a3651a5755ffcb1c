import { ConfigurationError } from '../errors.ts';
import type { Environment } from './environment.ts';

/**
 * The settings of OAuth, all or none.
 *
 * @throws ConfigurationError when some are missing or contradict each other.
 */
export function oauthSettings(environment: Environment) {
  const { MCP_OAUTH_ISSUER: issuer, MCP_OAUTH_AUDIENCE: audience, MCP_OAUTH_RESOURCE } = environment;
  if (issuer === undefined) {
    if (audience === undefined && MCP_OAUTH_RESOURCE === undefined) return undefined;
    throw new ConfigurationError('MCP_OAUTH_AUDIENCE e MCP_OAUTH_RESOURCE só valem junto com MCP_OAUTH_ISSUER.');
  }
  if (audience === undefined) {
    // Without it a token issued for any other service would open this one.
    throw new ConfigurationError('MCP_OAUTH_ISSUER pede também MCP_OAUTH_AUDIENCE.');
  }
  const resource = MCP_OAUTH_RESOURCE ?? audience;
  if (isWebUrl(resource)) return { issuer, audience, resource };
  throw new ConfigurationError('MCP_OAUTH_AUDIENCE não é uma URL http(s): defina a pública em MCP_OAUTH_RESOURCE.');
}

/** @throws ConfigurationError when a token is named for stdio and there is no file to look it up in. */
export function refuseLoneStdioToken({ MCP_STDIO_TOKEN, MCP_TOKENS_FILE }: Environment): void {
  if (MCP_STDIO_TOKEN === undefined || MCP_TOKENS_FILE !== undefined) return;
  throw new ConfigurationError('MCP_STDIO_TOKEN pede também MCP_TOKENS_FILE, o arquivo em que o token está.');
}

function isWebUrl(text: string): boolean {
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  return protocol === 'https:' || protocol === 'http:';
}
