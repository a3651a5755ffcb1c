import { type Access, createAccess } from './access/create-access.ts';
import { oauthSettings } from './config/access-settings.ts';
import type { Environment } from './config/environment.ts';
import type { Logger } from './logging/logger.ts';

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
