import { UserInputError } from '../../errors.ts';
import type { Caller } from '../../tools/tool-source.ts';
import { isInScope, outOfDomain, type Scope } from '../domains/scope.ts';
import type { Gateway } from '../mount/gateway.ts';
import { visibleDomains, visibleServers } from '../mount/visible.ts';
import { OMIE_DOMAIN } from '../naming/domain.ts';
import type { MountedServer, UpstreamState } from '../upstreams/upstream-registry.ts';

export interface ServerLine {
  readonly id: string;
  readonly name: string;
  readonly priority: number;
  readonly state: UpstreamState;
}

export interface DomainLine {
  readonly domain: string;
  readonly servers: readonly ServerLine[];
  /** Tools of it that the caller may use. */
  readonly tools: number;
  readonly selected: boolean;
}

/** Selects every domain. */
export const EVERY_DOMAIN = '*';

/** What a caller is told of its domains, and how it selects some of them. */
export class Conversation {
  readonly #gateway: Gateway;
  readonly #ownTools: (caller: Caller) => number;

  /** @param ownTools how many of the built-in tools a caller may use */
  constructor(gateway: Gateway, ownTools: (caller: Caller) => number) {
    this.#gateway = gateway;
    this.#ownTools = ownTools;
  }

  /** The domains of the address in which the caller may do anything. */
  domains(caller: Caller, scope: Scope = this.#gateway.scopes.of(caller)): DomainLine[] {
    return this.#reachable(caller).map((domain) => ({
      domain,
      servers: this.#serversOf(domain, caller).map(line),
      tools: this.countTools(caller, new Set([domain])),
      selected: isInScope(scope, [domain]),
    }));
  }

  /** @throws UserInputError for a domain there is none of; OutOfDomainError for one that the address leaves out */
  async select(
    caller: Caller,
    wanted: string | readonly string[],
  ): Promise<{ selected: string[]; handle: string; scope: Scope }> {
    const names = typeof wanted === 'string' ? [wanted] : [...new Set(wanted)];
    const all = names.includes(EVERY_DOMAIN);
    const open = this.#reachable(caller);
    for (const name of all ? [] : names) {
      if (open.includes(name)) continue;
      if (caller.domains !== undefined && this.#reachable({ principal: caller.principal }).includes(name)) {
        throw outOfDomain(`o domínio ${name}`, [name]);
      }
      throw new UserInputError(`Não existe o domínio ${JSON.stringify(name.slice(0, 40))}.`, {
        hint: `Domínios: ${open.join(', ')}; "${EVERY_DOMAIN}" seleciona todos.`,
      });
    }
    const handle = await this.#gateway.scopes.select(caller, all ? undefined : names);
    // What it carries is the selection before this one.
    const scope = this.#gateway.scopes.of({ ...caller, handles: [handle] });
    return { selected: all ? open : names, handle, scope };
  }

  countTools(caller: Caller, scope: Scope): number {
    const own = isInScope(scope, [OMIE_DOMAIN]) ? this.#ownTools(caller) : 0;
    return own + this.#gateway.toolsFor(caller, scope).length;
  }

  servers(caller: Caller, scope: Scope): ServerLine[] {
    const open = this.#reachable(caller);
    return visibleServers(this.#gateway.table, caller.principal)
      .filter(
        ({ config }) => config.domains.some((domain) => open.includes(domain)) && isInScope(scope, config.domains),
      )
      .map(line);
  }

  #reachable(caller: Caller): string[] {
    const open = [OMIE_DOMAIN, ...visibleDomains(this.#gateway.table, caller.principal)];
    return open.filter((domain) => caller.domains?.includes(domain) !== false);
  }

  #serversOf(domain: string, { principal }: Caller): MountedServer[] {
    return visibleServers(this.#gateway.table, principal).filter(({ config }) => config.domains.includes(domain));
  }
}

function line({ id, name, config, state }: MountedServer): ServerLine {
  return { id, name, priority: config.priority, state };
}
