/** What of a table a principal sees within a scope: the one rule of all lists, and of what is told of servers and domains. */
import type { Principal } from '../../companies/principal.ts';
import { isInScope, type Scope } from '../domains/scope.ts';
import { mayRead } from './may-read.ts';
import type {
  MountCandidate,
  MountedItem,
  MountedPrompt,
  MountedResource,
  MountedTemplate,
  MountedTool,
  MountTable,
} from './mount-table.ts';

/** Whether some server of the item is in scope. */
export function reachable({ candidates }: MountedItem, scope: Scope): boolean {
  return scope === undefined || candidates.some(({ domains }) => isInScope(scope, domains));
}

/** A prompt changes nothing, so that `leitura` leaves it in; tool globs are asked with its mounted name. */
export function mayGet(principal: Principal, name: string): boolean {
  return principal.canCall({ name, readOnly: true });
}

export function maySeeTool(principal: Principal, scope: Scope, tool: MountedTool): boolean {
  return reachable(tool, scope) && principal.canCall(tool.ref);
}

export function maySeePrompt(principal: Principal, scope: Scope, prompt: MountedPrompt): boolean {
  return reachable(prompt, scope) && mayGet(principal, prompt.descriptor.name);
}

export function maySeeResource(principal: Principal, scope: Scope, item: MountedItem): boolean {
  return reachable(item, scope) && mayRead(principal, item.domain);
}

/** In the order of the servers, as all of these. */
export function visibleTools({ tools }: MountTable, principal: Principal, scope: Scope): MountedTool[] {
  return [...tools.values()].filter((tool) => maySeeTool(principal, scope, tool));
}

export function visiblePrompts({ prompts }: MountTable, principal: Principal, scope: Scope): MountedPrompt[] {
  return [...prompts.values()].filter((prompt) => maySeePrompt(principal, scope, prompt));
}

export function visibleResources({ resources }: MountTable, principal: Principal, scope: Scope): MountedResource[] {
  return readableOf(resources, principal, scope);
}

export function visibleTemplates({ templates }: MountTable, principal: Principal, scope: Scope): MountedTemplate[] {
  return readableOf(templates, principal, scope);
}

function readableOf<T extends MountedItem>(items: ReadonlyMap<string, T>, principal: Principal, scope: Scope): T[] {
  return [...items.values()].filter((item) => maySeeResource(principal, scope, item));
}

/** The servers that the principal may use, or may hear of because it sees the whole house. */
export function visibleServers(table: MountTable, principal: Principal): MountTable['servers'] {
  if (principal.seesAll === true) return table.servers;
  const used = new Set(usableCandidates(table, principal).map(({ server }) => server));
  // A server's resources belong to its first domain, by whichever of its domains it is reached.
  return table.servers.filter(({ id, config }) => used.has(id) || mayRead(principal, config.domains[0]));
}

/** The domains in which the principal may use anything. */
export function visibleDomains(table: MountTable, principal: Principal): readonly string[] {
  const readable = table.servers.filter(({ config }) => mayRead(principal, config.domains[0]));
  const open = new Set([
    ...usableCandidates(table, principal).flatMap(({ domains }) => domains),
    ...readable.flatMap(({ config }) => config.domains),
  ]);
  return table.domains.filter((domain) => open.has(domain));
}

function usableCandidates(table: MountTable, principal: Principal): MountCandidate[] {
  const usable = [...visibleTools(table, principal, undefined), ...visiblePrompts(table, principal, undefined)];
  return usable.flatMap(({ candidates }) => candidates);
}
