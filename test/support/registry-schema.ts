/**
 * What the official MCP registry accepts of a server.json like ours: one npm package over stdio. Written after its schema of
 * 2025-12-11 (static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json, source: modelcontextprotocol/static) and
 * the registry's publishing rules, and stricter: a field that we do not use is refused, where the original lets any through.
 */
import { z } from 'zod';

/** No ranges, no `latest`: the registry refuses both. */
const exactVersion = z
  .string()
  .max(255)
  .regex(/^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$/);

const input = {
  description: z.string().min(1),
  isRequired: z.boolean(),
  isSecret: z.boolean(),
  format: z.enum(['string', 'number', 'boolean', 'filepath']),
  default: z.string().optional(),
};

const argument = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('positional'), value: z.string() }),
  z.strictObject({ type: z.literal('named'), name: z.string().regex(/^--?[a-z]/), value: z.string() }),
]);

const npmPackage = z.strictObject({
  registryType: z.literal('npm'),
  identifier: z.string(),
  version: exactVersion,
  runtimeHint: z.literal('npx'),
  transport: z.strictObject({ type: z.literal('stdio') }),
  packageArguments: z.array(argument),
  environmentVariables: z.array(z.strictObject({ name: z.string().regex(/^[A-Z][A-Z0-9_]*$/), ...input })),
});

export const registryServer = z.strictObject({
  $schema: z.literal('https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json'),
  name: z
    .string()
    .min(3)
    .max(200)
    .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().min(1).max(100),
  description: z.string().min(1).max(100),
  version: exactVersion,
  repository: z.strictObject({ url: z.url(), source: z.string() }).optional(),
  packages: z.array(npmPackage).min(1),
});
