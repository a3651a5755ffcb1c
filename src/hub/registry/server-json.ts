/** What an MCP registry says of a server: `server.json` of 2025-12-11, as far as we read it. Strangers wrote all of it. */
import { z } from 'zod';
import type { WantedVariable } from '../deploy/source.ts';
import { plainText } from '../discovery/plain-text.ts';

const variable = z.looseObject({
  name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/),
  description: z.string().optional().catch(undefined),
  isRequired: z.boolean().catch(false).default(false),
  isSecret: z.boolean().catch(false).default(false),
});
/** An argument of the package's program: with a `value` it is fixed, without one somebody has to choose it. */
const argumentSchema = z.looseObject({
  type: z.enum(['positional', 'named']),
  name: z.string().optional(),
  value: z.string().optional(),
  valueHint: z.string().optional(),
  isRequired: z.boolean().catch(false).default(false),
});
/** Of a package the address has a port, and may have `{placeholders}` for its host. */
const transportSchema = z.looseObject({ type: z.string(), url: z.string().max(500).optional().catch(undefined) });
const packageSchema = z.looseObject({
  registryType: z.string(),
  identifier: z.string().max(300),
  version: z.string().max(100).optional().catch(undefined),
  registryBaseUrl: z.string().optional().catch(undefined),
  transport: transportSchema.catch({ type: 'stdio' }).default({ type: 'stdio' }),
  environmentVariables: z.array(z.unknown()).catch([]).default([]),
  packageArguments: z.array(argumentSchema).max(50).catch([]).default([]),
});
const remoteSchema = z.looseObject({ type: z.enum(['streamable-http', 'sse']), url: z.string().max(500) });
const official = z.looseObject({
  status: z.string().optional(),
  statusMessage: z.string().optional().catch(undefined),
  publishedAt: z.string().optional(),
  updatedAt: z.string().optional(),
  isLatest: z.boolean().optional(),
});
const entrySchema = z.looseObject({
  server: z.looseObject({
    name: z
      .string()
      .regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/)
      .max(200),
    description: z.string().catch('').default(''),
    version: z.string().max(100).optional().catch(undefined),
    websiteUrl: z.string().optional().catch(undefined),
    repository: z.looseObject({ url: z.string(), subfolder: z.string().optional() }).optional().catch(undefined),
    packages: z.array(z.unknown()).catch([]).default([]),
    remotes: z.array(z.unknown()).catch([]).default([]),
  }),
  _meta: z
    .looseObject({ 'io.modelcontextprotocol.registry/official': official.optional().catch(undefined) })
    .optional()
    .catch(undefined),
});

export type RegistryPackage = z.output<typeof packageSchema>;
export type RegistryRemote = z.output<typeof remoteSchema>;

/** One version of one server, as far as it can be read; packages and remotes that cannot are left out. */
export interface RegistryServer {
  readonly server: z.output<typeof entrySchema>['server'];
  readonly said: z.output<typeof official> | undefined;
  readonly packages: readonly RegistryPackage[];
  readonly remotes: readonly RegistryRemote[];
}

const MAX_VARIABLES = 30;
/** Of packages and of remotes. */
const MAX_LISTED = 50;

/** Undefined for what is no entry. */
export function readEntry(value: unknown): RegistryServer | undefined {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { server, _meta: meta } = parsed.data;
  return {
    server,
    said: meta?.['io.modelcontextprotocol.registry/official'],
    packages: server.packages.slice(0, MAX_LISTED).flatMap((one) => packageSchema.safeParse(one).data ?? []),
    remotes: server.remotes.slice(0, MAX_LISTED).flatMap((one) => remoteSchema.safeParse(one).data ?? []),
  };
}

/** Variables that a package says it wants, as they are shown. */
export function wantedBy({ environmentVariables }: RegistryPackage): WantedVariable[] {
  return environmentVariables.slice(0, MAX_VARIABLES).flatMap((value): WantedVariable[] => {
    const parsed = variable.safeParse(value);
    if (!parsed.success) return [];
    const { name, description, isRequired: required, isSecret: secret } = parsed.data;
    return [
      { name, ...(description === undefined ? {} : { description: plainText(description, 200) }), required, secret },
    ];
  });
}

export interface FixedArguments {
  readonly args: readonly string[];
  /** Names of those that somebody has to choose. */
  readonly open: readonly string[];
}

/** The arguments of its program that the maker fixed, and the required ones that he left open. */
export function argumentsOf({ packageArguments }: RegistryPackage): FixedArguments {
  const args: string[] = [];
  const open: string[] = [];
  for (const { type, name, value, valueHint, isRequired } of packageArguments) {
    // `{curly}` stands for something that its user fills in.
    if (value === undefined || /[{}]/.test(value)) {
      if (isRequired) open.push(plainText(name ?? valueHint ?? 'valor', 60));
    } else if (type === 'positional') args.push(value);
    else if (name !== undefined) args.push(name, value);
  }
  return { args, open };
}
