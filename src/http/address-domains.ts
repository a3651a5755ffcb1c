import { UserInputError } from '../errors.ts';

/** Below it a path names one domain: `/mcp/d/sales`. */
export const DOMAIN_PATH = '/mcp/d/';

/** Nobody has as many; a longer list only makes work. */
const MAX_DOMAINS = 64;

/** An address that no route stands for: 404, whatever else is said of it. */
export class UnknownDomainError extends UserInputError {}

/**
 * The domains that an address names, in its path or as `?domains=a,b`; undefined when it names none. Once a request: from
 * here on they are a list.
 *
 * @param knows whether there is such a domain
 * @throws UnknownDomainError for one there is none of: what was meant to narrow must never widen
 */
export function addressDomains(
  path: string,
  url: string,
  knows: (domain: string) => boolean,
): readonly string[] | undefined {
  const named = path.startsWith(DOMAIN_PATH) ? [path.slice(DOMAIN_PATH.length)] : undefined;
  const asked = url.includes('?') ? queryDomains(url.slice(url.indexOf('?') + 1)) : undefined;
  for (const domain of [...(named ?? []), ...(asked ?? [])]) if (!knows(domain)) throw unknownDomain(domain);
  if (asked?.length === 0) throw unknownDomain('');
  return named === undefined || asked === undefined
    ? (named ?? asked)
    : named.filter((domain) => asked.includes(domain));
}

function queryDomains(query: string): readonly string[] | undefined {
  // The name may be written with escapes.
  if (!query.includes('domains') && !query.includes('%')) return undefined;
  const given = new URLSearchParams(query).getAll('domains');
  if (given.length === 0) return undefined;
  return given
    .flatMap((list) => list.split(','))
    .map((domain) => domain.trim())
    .filter((domain) => domain !== '')
    .slice(0, MAX_DOMAINS);
}

function unknownDomain(domain: string): UnknownDomainError {
  return new UnknownDomainError(`Não existe o domínio ${JSON.stringify(domain.slice(0, 40))}.`, {
    hint: 'Conecte-se por /mcp e chame list_domains para ver os domínios.',
  });
}
