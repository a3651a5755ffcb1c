import { ConfigurationError } from '../errors.ts';
import type { Environment } from './environment.ts';
import { isLoopback } from './loopback.ts';

/** A header carries nothing else faithfully. */
const visibleAscii = /^[!-~]+$/;
/** Wrong tokens are limited for each address, not in all, so the length has to be what no number of addresses can try through. */
const MIN_TOKEN_LENGTH = 16;
const HOW_TO_MAKE_ONE = 'Gere um com: openssl rand -hex 32';

/**
 * The hub starts programs: it is never open to whoever reaches it, and its token is nobody else's, nor one to be guessed.
 *
 * @throws ConfigurationError when the hub is on without a good token of its own; the token is never told.
 */
export function refuseOpenHub(environment: Environment): void {
  const { HUB_ENABLED, HUB_ADMIN_TOKEN, MCP_AUTH_TOKEN, MCP_STDIO_TOKEN, MCP_HOST } = environment;
  if (!HUB_ENABLED) return;
  if (HUB_ADMIN_TOKEN === undefined) {
    throw new ConfigurationError(
      'HUB_ENABLED pede HUB_ADMIN_TOKEN (ou HUB_ADMIN_TOKEN_FILE): sem ele, o hub não é ligado.',
      ['HUB_ADMIN_TOKEN'],
      { hint: HOW_TO_MAKE_ONE },
    );
  }
  const token = HUB_ADMIN_TOKEN.reveal();
  const weakness = visibleAscii.test(token)
    ? !isLoopback(MCP_HOST) && weaknessOfHubToken(environment)
    : 'HUB_ADMIN_TOKEN tem espaços ou acentos, que um cabeçalho não leva: use só letras, números e sinais ASCII.';
  if (weakness) throw new ConfigurationError(weakness, ['HUB_ADMIN_TOKEN'], { hint: HOW_TO_MAKE_ONE });
  if ([MCP_AUTH_TOKEN, MCP_STDIO_TOKEN].some((other) => other?.reveal() === token)) {
    throw new ConfigurationError(
      'HUB_ADMIN_TOKEN é igual a um token de acesso às ferramentas: quem só consulta administraria o hub.',
      ['HUB_ADMIN_TOKEN'],
      { hint: 'Dê ao hub um token só dele.' },
    );
  }
}

/** What is wrong with the token of a hub, for those who only warn: on loopback, where nobody guesses from outside. */
export function weaknessOfHubToken({ HUB_ENABLED, HUB_ADMIN_TOKEN }: Environment): string | undefined {
  if (!HUB_ENABLED || HUB_ADMIN_TOKEN === undefined || HUB_ADMIN_TOKEN.reveal().length >= MIN_TOKEN_LENGTH)
    return undefined;
  return `HUB_ADMIN_TOKEN tem menos de ${MIN_TOKEN_LENGTH} caracteres: quem o adivinha roda programas aqui.`;
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
