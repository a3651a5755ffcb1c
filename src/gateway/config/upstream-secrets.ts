import type { SecretScrubber } from '../../logging/redact.ts';
import type { Secret } from '../../logging/secret.ts';
import type { GatewayConfig, UpstreamConfig } from './gateway-config.ts';

/** Names under which a credential is kept. Every value of `env` and `headers` may hold one, but most hold plain words. */
const NAMES_CREDENTIAL =
  /token|key|secret|passw|passphrase|(?:^|[_-])pass(?:$|[_-])|pwd|auth|cookie|credential|dsn|url|senha|segredo|chave|credencia/i;

/** Nothing that a mounted server is trusted with may leave in a log or an answer. */
export function registerSecrets({ servers }: GatewayConfig, scrubber: SecretScrubber): void {
  for (const server of servers) scrubber.register(...secretsOf(server));
}

/** The values, by name, that are credentials as far as their names tell. */
export function credentialsIn<T>(named: Readonly<Record<string, T>>): T[] {
  return Object.entries(named).flatMap(([name, value]) => (NAMES_CREDENTIAL.test(name) ? [value] : []));
}

function secretsOf({ auth, env, headers }: UpstreamConfig): Secret[] {
  const named = credentialsIn({ ...env, ...headers });
  switch (auth?.kind) {
    case 'bearer':
      return [...named, auth.token];
    case 'header':
      return [...named, auth.value];
    case 'basic':
      return [...named, auth.password];
    case undefined:
      return named;
  }
}
