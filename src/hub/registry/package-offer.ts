/** What a package of a registry entry is for us: one pinned source, or the reason why it is none. Pure. */
import type { Source } from '../deploy/source.ts';
import { isPinnedImage, isPinnedPackage } from '../safety/source-grammar.ts';
import type { RegistryPackage } from './server-json.ts';

export type PackageOffer =
  | {
      readonly source: Source;
      /** Where it listens in its container; undefined: it speaks by stdin and stdout. */
      readonly port?: number;
    }
  | { readonly refused: string };

/** PEP 508's names and PEP 440's versions, without ranges and local parts. */
const PYPI_NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$/;
const PYPI_VERSION = /^\d[0-9A-Za-z.!]{0,60}$/;

/**
 * @param npmHosts the npm registries whose packages are the ones that npm would install here; a package of the same name in
 *   another one is somebody else's
 */
export function offerOf(
  { registryType, identifier, version, registryBaseUrl, transport }: RegistryPackage,
  npmHosts: readonly (string | undefined)[],
): PackageOffer {
  const of = (hosts: readonly (string | undefined)[]): boolean =>
    registryBaseUrl === undefined || isOneOf(hosts, registryBaseUrl);
  const pinned = `${identifier}@${version}`;
  if (registryType === 'oci') {
    const tagged = /[:@][^/]*$/.test(identifier) ? identifier : `${identifier}:${version}`;
    const image = tagged.replace(/^https:\/\//, '');
    if (!isPinnedImage(image)) return { refused: 'a imagem não tem tag nem digest' };
    const source = { kind: 'image', image } as const;
    if (transport.type === 'stdio') return { source };
    const port = portIn(transport);
    return port === undefined
      ? { refused: `a imagem fala ${short(transport.type)} sem dizer uma porta com /mcp ou /sse` }
      : { source, port };
  }
  if (registryType !== 'npm' && registryType !== 'pypi') return { refused: 'é de um tipo que o hub não executa' };
  if (transport.type !== 'stdio')
    return { refused: `o pacote ${registryType} fala ${short(transport.type)}, não stdio` };
  if (registryType === 'npm') {
    if (!of(npmHosts)) return { refused: 'o pacote npm é de outro registro' };
    if (!isPinnedPackage(pinned) || version === undefined) return { refused: 'o pacote npm não tem versão exata' };
    return { source: { kind: 'npm', name: identifier, version } };
  }
  if (!of(['pypi.org'])) return { refused: 'o pacote Python é de outro índice' };
  if (version === undefined || !PYPI_NAME.test(identifier) || !PYPI_VERSION.test(version)) {
    return { refused: 'o pacote Python não tem versão exata' };
  }
  return { source: { kind: 'pypi', name: identifier, version } };
}

/** Where a container is looked for on its port: nowhere else would it be found. */
const PATHS: Readonly<Record<string, string>> = { 'streamable-http': '/mcp', sse: '/sse' };

/** Undefined for an address that says none, or that leads elsewhere on it. */
function portIn({ type, url = '' }: RegistryPackage['transport']): number | undefined {
  const { port = '', path } = /^https?:\/\/[^/?#]+:(?<port>\d{1,5})(?<path>\/[^/?#]*)\/?$/.exec(url)?.groups ?? {};
  const number = Number(port);
  return path !== undefined && path === PATHS[type] && number >= 1 && number <= 65_535 ? number : undefined;
}

const short = (text: string): string => (/^[a-z-]{1,30}$/.test(text) ? text : 'outro transporte');

function isOneOf(hosts: readonly (string | undefined)[], url: string): boolean {
  return URL.canParse(url) && hosts.includes(new URL(url).host);
}
