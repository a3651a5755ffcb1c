/** One server of an MCP registry (`server.json` of 2025-12-11) as a candidate. */
import { z } from 'zod';
import { BlockedAddressError, checkUrl } from '../../gateway/trust/private-address.ts';
import type { WantedVariable } from '../deploy/source.ts';
import type { Candidate, WayToRun } from './finder.ts';
import { plainText } from './plain-text.ts';
import { isPinnedImage, isPinnedPackage } from './repository-ways.ts';

const variable = z.looseObject({
  name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,99}$/),
  description: z.string().optional().catch(undefined),
  isRequired: z.boolean().catch(false).default(false),
  isSecret: z.boolean().catch(false).default(false),
});
const packageSchema = z.looseObject({
  registryType: z.string(),
  identifier: z.string().max(300),
  version: z.string().max(100).optional().catch(undefined),
  registryBaseUrl: z.string().optional().catch(undefined),
  environmentVariables: z.array(z.unknown()).catch([]).default([]),
});
const remoteSchema = z.looseObject({ type: z.enum(['streamable-http', 'sse']), url: z.string().max(500) });
const official = z.looseObject({
  status: z.string().optional(),
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

const PUBLIC = { allowPrivate: false, allowPlainHttp: false };
const MAX_VARIABLES = 30;

/**
 * Undefined for what is no entry, or is no longer offered. `npmHosts`: the npm registries whose packages are the ones that
 * npm would install here; a package of the same name in another one is somebody else's.
 */
export function candidateOfEntry(value: unknown, npmHosts: readonly (string | undefined)[]): Candidate | undefined {
  const parsed = entrySchema.safeParse(value);
  if (!parsed.success) return undefined;
  const { server, _meta: meta } = parsed.data;
  const said = meta?.['io.modelcontextprotocol.registry/official'];
  if (said?.status !== undefined && said.status !== 'active') return undefined;
  const packages = server.packages.flatMap((one) => packageSchema.safeParse(one).data ?? []);
  const remotes = server.remotes.flatMap((one) => remoteSchema.safeParse(one).data ?? []);
  const repository = repositoryIn(server.repository?.url);
  const page = [server.websiteUrl, server.repository?.url].find((url) => url !== undefined && isPublic(url));
  const updatedAt = said?.updatedAt ?? said?.publishedAt;
  return {
    name: server.name,
    description: plainText(server.description, 300),
    origin: 'registry',
    ...(page === undefined ? {} : { page: new URL(page).href.slice(0, 500) }),
    ...(repository === undefined ? {} : { repository: repository + subfolderOf(server.repository?.subfolder) }),
    verified: provenBy(server.name),
    ...(server.version === undefined ? {} : { version: plainText(server.version, 100) }),
    ...(updatedAt === undefined || Number.isNaN(Date.parse(updatedAt)) ? {} : { updatedAt }),
    wanted: packages
      .flatMap(({ environmentVariables }) => environmentVariables.flatMap(wantedOf))
      .slice(0, MAX_VARIABLES),
    waysToRun: [...packages.flatMap((one) => wayOf(one, server.name, npmHosts)), ...remotes.flatMap(remoteWay)],
  };
}

/** The registry lets nobody publish under a name that is not theirs. */
function provenBy(name: string): string {
  const space = name.slice(0, name.indexOf('/'));
  const user = /^io\.github\.(.+)$/i.exec(space)?.[1];
  if (user !== undefined) return `o registro conferiu que é da conta ${user} do GitHub`;
  return `o registro conferiu o domínio ${space.split('.').toReversed().join('.')}`;
}

/** @returns `owner/name` in lower case */
export function repositoryIn(url: string | undefined): string | undefined {
  const found = /^https:\/\/github\.com\/([A-Za-z0-9][A-Za-z0-9-]{0,38})\/([A-Za-z0-9_.-]{1,100}?)(?:\.git)?\/?$/.exec(
    url ?? '',
  );
  return found === null ? undefined : `${found[1]}/${found[2]}`.toLowerCase();
}

const subfolderOf = (folder: string | undefined): string =>
  folder === undefined || folder === '' ? '' : `/${plainText(folder, 200).toLowerCase()}`;

function isPublic(url: string): boolean {
  try {
    checkUrl(url, PUBLIC);
    return true;
  } catch (thrown) {
    if (thrown instanceof BlockedAddressError) return false;
    throw thrown;
  }
}

function wantedOf(value: unknown): WantedVariable[] {
  const parsed = variable.safeParse(value);
  if (!parsed.success) return [];
  const { name, description, isRequired: required, isSecret: secret } = parsed.data;
  return [
    { name, ...(description === undefined ? {} : { description: plainText(description, 200) }), required, secret },
  ];
}

function isOneOf(hosts: readonly (string | undefined)[], url: string): boolean {
  return URL.canParse(url) && hosts.includes(new URL(url).host);
}

function wayOf(
  { registryType, identifier, version, registryBaseUrl }: z.output<typeof packageSchema>,
  name: string,
  npmHosts: readonly (string | undefined)[],
): WayToRun[] {
  const pinned = `${identifier}@${version}`;
  if (registryType === 'npm') {
    const isOurs = registryBaseUrl === undefined || isOneOf(npmHosts, registryBaseUrl);
    if (!isOurs || !isPinnedPackage(pinned)) return [];
    return [
      {
        method: 'npx',
        request: { package: pinned, method: 'npx' },
        why: `Pacote npm ${pinned}, na versão que o registro diz.`,
      },
    ];
  }
  if (registryType === 'oci') {
    const tagged = /[:@][^/]*$/.test(identifier) ? identifier : `${identifier}:${version}`;
    const image = tagged.replace(/^https:\/\//, '');
    if (!isPinnedImage(image)) return [];
    return [
      { method: 'docker', request: { image, method: 'docker' }, why: `Imagem ${image}: roda isolada num contêiner.` },
    ];
  }
  if (registryType === 'pypi') {
    return [
      {
        method: 'e2b',
        request: { registry_name: name, method: 'e2b' },
        why: 'Pacote Python: roda numa sandbox do E2B.',
      },
    ];
  }
  return [];
}

function remoteWay({ type, url }: z.output<typeof remoteSchema>): WayToRun[] {
  // With variables in it, or leading inside: nobody can just call it.
  if (/[{}]/.test(url) || !isPublic(url)) return [];
  const transport = type === 'sse' ? 'sse' : 'http';
  const why = `Já está no ar em ${new URL(url).hostname}: não se implanta; monta-se em GATEWAY_CONFIG.`;
  return [{ method: 'remote', url, transport, why }];
}
