import { type Access, type Administrator, createAccess } from '../access/create-access.ts';
import { oauthSettings } from '../config/access-settings.ts';
import type { Environment } from '../config/environment.ts';
import type { Logger } from '../logging/logger.ts';
import { tools } from '../tools/catalog.ts';

/**
 * Who may come in, as the settings say.
 *
 * @throws ConfigurationError when the tokens file is bad, or OAuth is set up by halves.
 */
export function openAccess(environment: Environment, logger: Logger): Promise<Access> {
  return createAccess({
    staticToken: environment.MCP_AUTH_TOKEN,
    tokensFile: environment.MCP_TOKENS_FILE,
    oauth: oauthSettings(environment),
    administrator: administratorOf(environment),
    report(event) {
      if (event.kind === 'rejected') {
        logger.error({ problems: event.problems }, 'tokens file refused, last good set stays');
      } else if (event.kind === 'issuer') {
        logger.error({ err: event.error }, 'the OAuth issuer cannot be asked; its tokens are answered with 503');
      } else {
        logger.info({ tokens: event.tokens }, 'tokens loaded');
        for (const warning of event.warnings) logger.warn(warning);
      }
    },
  });
}

/** The hub and what is mounted, but nothing of Omie: who runs programs here need not read the books (ADR 0021). */
function administratorOf({ HUB_ENABLED, HUB_ADMIN_TOKEN: token }: Environment): Administrator | undefined {
  if (!HUB_ENABLED || token === undefined) return undefined;
  const ofOmie = new Set(tools.map(({ descriptor }) => descriptor.name));
  return {
    token,
    principal: {
      id: 'hub-admin',
      administersHub: true,
      canSee: () => false,
      canCall: ({ name }) => !ofOmie.has(name),
    },
  };
}
