/** One server of an MCP registry (`server.json` of 2025-12-11) as a candidate. */
import { BlockedAddressError, checkUrl } from '../../gateway/trust/private-address.ts';
import { wantedOnce } from '../deploy/source.ts';
import { offerOf } from '../registry/package-offer.ts';
import { type RegistryPackage, type RegistryRemote, type RegistryServer, wantedBy } from '../registry/server-json.ts';
import { isGitHubName, isRegistryVersion } from '../safety/source-grammar.ts';
import type { Method } from '../servers/server-record.ts';
import type { Candidate, WayToRun } from './finder.ts';
import { plainText } from './plain-text.ts';

const PUBLIC = { allowPrivate: false, allowPlainHttp: false };

/**
 * Undefined for what is no longer offered. `npmHosts`: the npm registries whose packages are the ones that
 * npm would install here; a package of the same name in another one is somebody else's.
 */
export function candidateOfEntry(
  entry: RegistryServer,
  npmHosts: readonly (string | undefined)[],
): Candidate | undefined {
  const { server, said, packages, remotes } = entry;
  if (said?.status !== undefined && said.status !== 'active') return undefined;
  const repository = repositoryIn(server.repository?.url);
  const page = [server.websiteUrl, server.repository?.url].find((url) => url !== undefined && isPublic(url));
  const updatedAt = said?.updatedAt ?? said?.publishedAt;
  const ways = packages.flatMap((one) => wayOf(one, server, npmHosts));
  return {
    name: server.name,
    description: plainText(server.description, 300),
    origin: 'registry',
    ...(page === undefined ? {} : { page: new URL(page).href.slice(0, 500) }),
    ...(repository === undefined ? {} : { repository: repository + subfolderOf(server.repository?.subfolder) }),
    verified: provenBy(server.name),
    ...(server.version === undefined ? {} : { version: plainText(server.version, 100) }),
    ...(updatedAt === undefined || Number.isNaN(Date.parse(updatedAt)) ? {} : { updatedAt }),
    wanted: wantedOnce(packages.flatMap(wantedBy)),
    // A deployment takes the first package of a method.
    waysToRun: [
      ...ways.filter(({ method }, at) => ways.findIndex((way) => way.method === method) === at),
      ...remotes.flatMap(remoteWay),
    ],
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
  const name = `${found?.[1]}/${found?.[2]}`;
  return found !== null && isGitHubName(name) ? name.toLowerCase() : undefined;
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

/** By the entry's own name and version, so that what it says of its variables holds for the deployment too. */
function wayOf(
  one: RegistryPackage,
  { name, version }: RegistryServer['server'],
  npmHosts: readonly (string | undefined)[],
): WayToRun[] {
  const offer = offerOf(one, npmHosts);
  if (!('source' in offer)) return [];
  const { source } = offer;
  const registryName = version !== undefined && isRegistryVersion(version) ? `${name}@${version}` : name;
  const way = (method: Method, why: string): WayToRun[] => [
    { method, request: { registry_name: registryName, method }, why },
  ];
  switch (source.kind) {
    case 'npm':
      return way('npx', `Pacote npm ${source.name}@${source.version}, na versão que o registro diz.`);
    case 'image':
      return way('docker', `Imagem ${source.image}: roda isolada num contêiner.`);
    case 'pypi':
      return way('e2b', `Pacote Python ${source.name} ${source.version}: roda numa sandbox do E2B.`);
    default:
      return [];
  }
}

function remoteWay({ type, url }: RegistryRemote): WayToRun[] {
  // With variables in it, or leading inside: nobody can just call it.
  if (/[{}]/.test(url) || !isPublic(url)) return [];
  const transport = type === 'sse' ? 'sse' : 'http';
  const why = `Já está no ar em ${new URL(url).hostname}: não se implanta; monta-se em GATEWAY_CONFIG.`;
  return [{ method: 'remote', url, transport, why }];
}
