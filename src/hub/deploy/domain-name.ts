import { DOMAIN, OMIE_DOMAIN } from '../../gateway/naming/domain.ts';
import type { Mounting } from '../mounting.ts';
import { HubError } from '../problem.ts';
import type { ServerList } from '../servers/server-list.ts';

const LONGEST = 16;

/**
 * The domain of a new server. Without a wish it is made of the name (`@scope/server-memory` → `memory`), numbered when
 * it is taken.
 *
 * @throws HubError (`conflito_de_estado`) when the one wished for is taken
 */
export function domainFor(name: string, wished: string | undefined, taken: ReadonlySet<string>): string {
  if (wished !== undefined) {
    if (!taken.has(wished)) return wished;
    throw new HubError('conflito_de_estado', `O domínio ${wished} já é de outro servidor.`, {
      hint: 'Escolha outro em domain.',
    });
  }
  const base = wordOf(name);
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? '' : `-${number}`;
    const domain = `${base.slice(0, LONGEST - suffix.length).replace(/-+$/, '')}${suffix}`;
    if (!taken.has(domain)) return domain;
  }
}

/** Those that a new server may not have: a server that is stopped keeps its own. */
export function domainsOf(servers: ServerList, mounting: Pick<Mounting, 'takenDomains'>): ReadonlySet<string> {
  return new Set([OMIE_DOMAIN, ...mounting.takenDomains(), ...servers.all().map(({ domain }) => domain)]);
}

function wordOf(name: string): string {
  const last = name.split('/').findLast((part) => part !== '') ?? '';
  const plain = last
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replace(/^(?:mcp-)?server-|^mcp-/, '')
    .replace(/-(?:mcp-)?server$|-mcp$/, '')
    .replace(/^[^a-z]+/, '')
    .replace(/-+$/, '')
    .slice(0, LONGEST);
  return DOMAIN.test(plain) ? plain : 'servidor';
}
