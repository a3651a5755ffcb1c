// server.json: the entry for the official MCP registry, in its schema of 2025-12-11 (modelcontextprotocol/static).
import type { EnvironmentName } from '../src/config/environment.ts';
import { displayName, packageFacts } from './package-facts.ts';
import { settingFacts } from './setting-facts.ts';

/** What a client that starts the package over stdio may want to set; the rest concerns servers on a network. */
const asked: readonly EnvironmentName[] = [
  'CREDENTIALS_FILE',
  'OMIE_BASE_URL',
  'MASK_CPF',
  'MCP_TOKENS_FILE',
  'MCP_STDIO_TOKEN',
  'MCP_LOG_LEVEL',
];

export function registryVariable(name: EnvironmentName): Record<string, unknown> {
  const { description, standard, secret } = settingFacts(name);
  // The default path is relative to a folder that only the installing client knows: it has to be asked for.
  const isPath = name === 'CREDENTIALS_FILE' || name === 'MCP_TOKENS_FILE';
  return {
    name,
    description,
    isRequired: name === 'CREDENTIALS_FILE',
    isSecret: secret,
    format: isPath ? 'filepath' : typeof standard === 'boolean' ? 'boolean' : 'string',
    ...(standard !== undefined && !isPath && { default: String(standard) }),
  };
}

export const registryEntry = {
  $schema: 'https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json',
  name: packageFacts.mcpName,
  title: displayName,
  description: 'Contas a pagar e a receber de muitas empresas no Omie, com totais que dizem se estão inteiros.',
  version: packageFacts.version,
  packages: [
    {
      registryType: 'npm',
      identifier: packageFacts.name,
      version: packageFacts.version,
      runtimeHint: 'npx',
      transport: { type: 'stdio' },
      packageArguments: [
        { type: 'positional', value: 'serve' },
        { type: 'named', name: '--transports', value: 'stdio' },
      ],
      environmentVariables: asked.map(registryVariable),
    },
  ],
};
