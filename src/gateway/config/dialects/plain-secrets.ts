import { jsonPath } from '../../../files/json-path.ts';
import type { GatewayFile } from '../gateway-schema.ts';

const SECRET_NAME = /authorization|key|token|secret|senha|passw/i;

/** Where a credential stands in the file as plain text instead of `${VAR}`; one line each, without the value. */
export function plainSecrets({ mcp_servers: servers }: GatewayFile): string[] {
  return Object.entries(servers).flatMap(([id, server]) =>
    (['env', 'headers'] as const).flatMap((part) =>
      Object.entries(server[part] ?? {})
        .filter(([name, value]) => SECRET_NAME.test(name) && value !== '' && !value.includes('${'))
        .map(
          ([name]) => `${jsonPath(['mcp_servers', id, part, name])}: parece um segredo em texto; troque por \${VAR}`,
        ),
    ),
  );
}
