import { createHash } from 'node:crypto';

/** What every client accepts (Claude Desktop, OpenAI-style APIs); the specification itself allows more. */
const MAX_LENGTH = 64;
const SEPARATOR = '__';
const HASH_DIGITS = 8;
const ENDS_LIKE_HASH = /_[0-9a-f]{8}$/;

/** Tools of the gateway itself: a server that offers one of these names could pass for it. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  'list_domains',
  'select_domain',
  'get_session_status',
  'find_tools',
  'call_tool',
]);

/**
 * The name under which a tool or prompt of a domain is offered: `domain__name`. Characters that clients refuse become
 * `_`; a name that had any, is too long, or ends as if it had been shortened gets a hash of the original, so that two
 * names never meet by accident. A function of its arguments alone: what else is mounted changes nothing.
 *
 * @param domain fits {@link DOMAIN}
 */
export function mountedName(domain: string, name: string): string {
  const prefix = domain + SEPARATOR;
  const plain = name.replace(/[^a-zA-Z0-9_-]/gu, '_');
  const asIs = plain === name && name !== '' && prefix.length + name.length <= MAX_LENGTH && !ENDS_LIKE_HASH.test(name);
  if (asIs) return prefix + name;
  const room = MAX_LENGTH - prefix.length - HASH_DIGITS - 1;
  return `${prefix}${plain.slice(0, room)}_${hashOf(domain, name)}`;
}

export interface OfferedName {
  readonly server: string;
  readonly name: string;
}

export type NamingProblem =
  /** The name belongs to the gateway; it is not mounted. */
  | { readonly kind: 'reserved'; readonly server: string; readonly name: string }
  /** The server offers the name more than once; the first one counts. */
  | { readonly kind: 'repeated'; readonly server: string; readonly name: string }
  /** Two different names meet in one mounted name; `keeps` has it, `name` is not mounted. */
  | {
      readonly kind: 'collision';
      readonly server: string;
      readonly name: string;
      readonly mounted: string;
      readonly keeps: OfferedName;
    };

export interface MountedNames {
  /** Mounted name → the original and who offers it. Servers of a domain that offer the same name are alternatives. */
  readonly names: ReadonlyMap<string, { readonly name: string; readonly servers: readonly string[] }>;
  readonly problems: readonly NamingProblem[];
}

/** Names everything the servers of one domain offer. Nothing is fatal: what cannot be mounted is reported. */
export function mountNames(domain: string, offered: readonly OfferedName[]): MountedNames {
  const names = new Map<string, { name: string; servers: string[] }>();
  const problems: NamingProblem[] = [];
  for (const { server, name } of offered) {
    const mounted = mountedName(domain, name);
    const entry = names.get(mounted);
    const [first = server] = entry?.servers ?? [];
    if (RESERVED_NAMES.has(name)) problems.push({ kind: 'reserved', server, name });
    else if (entry === undefined) names.set(mounted, { name, servers: [server] });
    else if (entry.name !== name) {
      problems.push({ kind: 'collision', server, name, mounted, keeps: { server: first, name: entry.name } });
    } else if (entry.servers.includes(server)) problems.push({ kind: 'repeated', server, name });
    else entry.servers.push(server);
  }
  return { names, problems };
}

/** JSON of the code units: a lone surrogate, which UTF-8 cannot hold, still makes a hash of its own. */
function hashOf(domain: string, name: string): string {
  return createHash('sha256')
    .update(JSON.stringify([domain, name]))
    .digest('hex')
    .slice(0, HASH_DIGITS);
}
