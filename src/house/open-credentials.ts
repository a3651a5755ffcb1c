import { CredentialManager } from '../companies/credential-manager.ts';
import { CredentialsSource } from '../companies/credentials-source.ts';
import type { Environment } from '../config/environment.ts';
import type { Variables } from '../config/load-config.ts';
import type { Logger } from '../logging/logger.ts';
import type { SecretScrubber } from '../logging/redact.ts';

export interface CredentialsParts {
  readonly environment: Environment;
  /** Values for `${VAR}` in the credentials file. */
  readonly variables: Variables;
  readonly scrubber: SecretScrubber;
  readonly logger: Logger;
  readonly countReload: (outcome: 'ok' | 'failed') => void;
}

/** @throws ConfigurationError when the credentials file is bad. */
export function openCredentials({
  environment,
  variables,
  scrubber,
  logger,
  countReload,
}: CredentialsParts): CredentialManager {
  const path = environment.CREDENTIALS_FILE;
  return new CredentialManager({
    source: new CredentialsSource({ path, variables }),
    maxEntries: environment.CREDENTIAL_MAX_CACHE_SIZE,
    ttlMs: Math.round(environment.CREDENTIAL_TIMEOUT_MINUTES * 60_000),
    watch: true,
    scrubber,
    report(event) {
      countReload(event.kind === 'loaded' ? 'ok' : 'failed');
      if (event.kind === 'rejected')
        logger.error({ problems: event.problems }, 'credentials file refused, last good set stays');
      else {
        const { companies, disabled } = event.result;
        logger.info({ companies: companies.length, disabled: disabled.length }, 'credentials loaded');
        for (const warning of event.warnings) logger.warn(warning);
      }
    },
  });
}
