import { distance } from 'fastest-levenshtein';
import { UserInputError } from '../errors.ts';

/** Below them a path names one domain: `/mcp/d/sales`. */
const DOMAIN_PATHS = ['/mcp/d/', '/streamable/d/'];

/** The domain that a path names, which there need not be; undefined when it is no path of a domain. */
export function domainInPath(path: string): string | undefined {
  const below = DOMAIN_PATHS.find((prefix) => path.startsWith(prefix));
  return below === undefined ? undefined : path.slice(below.length);
}

/** Nobody has as many; a longer list only makes work. */
const MAX_DOMAINS = 64;

/** An address that no route stands for: 404, whatever else is said of it. */
export class UnknownDomainError extends UserInputError {}

/**
 * The domains that an address names, in its path or as `?domains=a,b`; undefined when it names none. Once a request: from
 * here on they are a list.
 *
 * @param knows whether there is such a domain
 * @throws UnknownDomainError for one there is none of, UserInputError for a slip in the parameter's name: what was meant to
 * narrow must never widen
 */
export function addressDomains(
  path: string,
  url: string,
  knows: (domain: string) => boolean,
): readonly string[] | undefined {
  const inPath = domainInPath(path);
  const named = inPath === undefined ? undefined : [inPath];
  const asked = url.includes('?') ? queryDomains(url.slice(url.indexOf('?') + 1)) : undefined;
  for (const domain of [...(named ?? []), ...(asked ?? [])]) if (!knows(domain)) throw unknownDomain(domain);
  if (asked?.length === 0) throw unknownDomain('');
  return named === undefined || asked === undefined
    ? (named ?? asked)
    : named.filter((domain) => asked.includes(domain));
}

function queryDomains(query: string): readonly string[] | undefined {
  const parameters = new URLSearchParams(query);
  const slip = [...parameters.keys()].find(isMeantForDomains);
  if (slip !== undefined) {
    throw new UserInputError(`Parâmetro desconhecido no endereço: ${JSON.stringify(slip.slice(0, 40))}.`, {
      hint: 'Para limitar a conversa a domínios use ?domains=a,b, escrito assim.',
    });
  }
  const given = parameters.getAll('domains');
  if (given.length === 0) return undefined;
  return given
    .flatMap((list) => list.split(','))
    .map((domain) => domain.trim())
    .filter((domain) => domain !== '')
    .slice(0, MAX_DOMAINS);
}

/** Clients add parameters of their own; only what can hardly mean anything else is refused. */
function isMeantForDomains(name: string): boolean {
  if (name === 'domains') return false;
  const letters = name.toLowerCase().replace(/[^a-zí]/g, '');
  return /^(?:domain|dom[ií]nios?)$/.test(letters) || (letters.length > 4 && distance(letters, 'domains') <= 2);
}

function unknownDomain(domain: string): UnknownDomainError {
  return new UnknownDomainError(`Não existe o domínio ${JSON.stringify(domain.slice(0, 40))}.`, {
    hint: 'Conecte-se por /mcp, sem domínio no endereço; com outros servidores montados, list_domains diz quais há.',
  });
}
