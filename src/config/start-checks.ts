import { ConfigurationError } from '../errors.ts';
import type { Environment } from './environment.ts';
import { isLoopback } from './loopback.ts';

/**
 * Of visible ASCII alone: a header carries nothing else faithfully. Wrong tokens are limited for each address, not in all, so the
 * length has to be what no number of addresses can try through.
 */
const strongToken = /^[!-~]{16,}$/;
const HOW_TO_MAKE_ONE = 'Gere um com: openssl rand -hex 32';

/**
 * The hub starts programs: it is never open to whoever reaches it, and its token is nobody else's, nor one to be guessed.
 *
 * @throws ConfigurationError when the hub is on without a good token of its own; the token is never told.
 */
export function refuseOpenHub({ HUB_ENABLED, HUB_ADMIN_TOKEN, MCP_AUTH_TOKEN, MCP_STDIO_TOKEN }: Environment): void {
  if (!HUB_ENABLED) return;
  if (HUB_ADMIN_TOKEN === undefined) {
    throw new ConfigurationError(
      'HUB_ENABLED pede HUB_ADMIN_TOKEN (ou HUB_ADMIN_TOKEN_FILE): sem ele, o hub não é ligado.',
      ['HUB_ADMIN_TOKEN'],
      { hint: HOW_TO_MAKE_ONE },
    );
  }
  const token = HUB_ADMIN_TOKEN.reveal();
  if (!strongToken.test(token)) {
    throw new ConfigurationError(
      'HUB_ADMIN_TOKEN precisa de pelo menos 16 caracteres, só letras, números e sinais ASCII, sem espaços: quem o adivinha roda programas aqui.',
      ['HUB_ADMIN_TOKEN'],
      { hint: HOW_TO_MAKE_ONE },
    );
  }
  if ([MCP_AUTH_TOKEN, MCP_STDIO_TOKEN].some((other) => other?.reveal() === token)) {
    throw new ConfigurationError(
      'HUB_ADMIN_TOKEN é igual a um token de acesso às ferramentas: quem só consulta administraria o hub.',
      ['HUB_ADMIN_TOKEN'],
      { hint: 'Dê ao hub um token só dele.' },
    );
  }
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
