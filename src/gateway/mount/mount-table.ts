import type { ToolRef } from '../../companies/principal.ts';
import type { PromptDescriptor } from '../../prompts/prompt-source.ts';
import type { ResourceDescriptor, ResourceTemplateDescriptor } from '../../resources/resource-source.ts';
import type { ToolDescriptor } from '../../tools/tool-source.ts';
import { mountNames, type NamingProblem, type OfferedName } from '../naming/names.ts';
import { mountedMeta, mountedUri } from '../naming/uris.ts';
import { effectOfAnnotations } from '../routing/choose.ts';
import { equivalentServers } from '../upstreams/route-table.ts';
import type { MountedServer } from '../upstreams/upstream-registry.ts';
import { type HeldBack, heldBack } from './held-tools.ts';
import { type OfferedItems, offeredItems } from './offered-items.ts';

/** A server that can answer, and the domains through which it may be reached. */
export interface MountCandidate {
  readonly server: string;
  /** Tool, prompt or URI as that server calls it. */
  readonly name: string;
  readonly domains: readonly string[];
}

export interface MountedItem {
  /** The domain that its name or URI begins with. */
  readonly domain: string;
  /** Best priority first; never empty. */
  readonly candidates: readonly MountCandidate[];
  /** In no list: the candidates are those that may have it. */
  readonly unlisted?: boolean | undefined;
}

export interface MountedTool extends MountedItem {
  readonly descriptor: ToolDescriptor;
  readonly ref: ToolRef;
}
export interface MountedPrompt extends MountedItem {
  readonly descriptor: PromptDescriptor;
}
export interface MountedResource extends MountedItem {
  readonly descriptor: ResourceDescriptor;
}
export interface MountedTemplate extends MountedItem {
  readonly descriptor: ResourceTemplateDescriptor;
}

/** All that is mounted at one moment, under its mounted names. A change makes a new one. */
export interface MountTable {
  readonly tools: ReadonlyMap<string, MountedTool>;
  /** Those in quarantine. */
  readonly held: ReadonlyMap<string, HeldBack>;
  readonly prompts: ReadonlyMap<string, MountedPrompt>;
  readonly resources: ReadonlyMap<string, MountedResource>;
  readonly templates: ReadonlyMap<string, MountedTemplate>;
  /** Every domain some server is of, in the order of the servers. */
  readonly domains: readonly string[];
  readonly servers: readonly MountedServer[];
  readonly problems: readonly NamingProblem[];
}

/**
 * Names everything the servers offer. A server's offers stand under its first domain; other servers of that domain that
 * offer the same tool, with the same arguments, are its spares. A function of its argument alone.
 *
 * @param servers in order of preference
 */
export function mountTable(servers: readonly MountedServer[]): MountTable {
  const tools = new Map<string, MountedTool>();
  const prompts = new Map<string, MountedPrompt>();
  const resources = new Map<string, MountedResource>();
  const templates = new Map<string, MountedTemplate>();
  const problems: NamingProblem[] = [];
  const offered = new Map(servers.map((server) => [server, offeredItems(server.offer)]));
  for (const domain of new Set(servers.map(({ config }) => config.domains[0]))) {
    const owners = servers.filter(({ config }) => config.domains[0] === domain);
    const members = servers.filter(({ config }) => config.domains.includes(domain));
    const candidatesOf = (able: readonly MountedServer[], name: string): MountCandidate[] =>
      able.map(({ id, config }) => ({ server: id, name, domains: config.domains }));
    const candidates = (name: string, has: (items: OfferedItems | undefined) => boolean | undefined) =>
      candidatesOf(
        members.filter((server) => has(offered.get(server))),
        name,
      );

    const named = mountNames(
      domain,
      offeredBy(owners, ({ tools: offered }) => offered),
    );
    problems.push(...named.problems);
    for (const [mounted, { name, servers: ids }] of named.names) {
      const toolOf = (server: MountedServer | undefined) => server && offered.get(server)?.tools.get(name);
      const raw = toolOf(first(owners, ids));
      if (raw === undefined) continue;
      const able = new Set(equivalentServers([...owners.filter((one) => ids.includes(one.id)), ...members], toolOf));
      // Read only if all who may answer say so: otherwise moving on could repeat an effect.
      const readOnly = [...able].every((server) => effectOfAnnotations(toolOf(server)?.annotations) === 'read');
      const { _meta, ...rest } = raw;
      tools.set(mounted, {
        domain,
        candidates: candidatesOf(
          members.filter((server) => able.has(server)),
          name,
        ),
        descriptor: { ...rest, ...metaIn(domain, _meta), name: mounted },
        ref: { name: mounted, readOnly },
      });
    }

    const spoken = mountNames(
      domain,
      offeredBy(owners, ({ prompts: offered }) => offered),
    );
    problems.push(...spoken.problems);
    for (const [mounted, { name, servers: ids }] of spoken.names) {
      const owner = first(owners, ids);
      const raw = owner && offered.get(owner)?.prompts.get(name);
      if (raw === undefined) continue;
      prompts.set(mounted, {
        domain,
        candidates: candidates(name, (items) => items?.prompts.has(name)),
        descriptor: { ...raw, name: mounted },
      });
    }

    for (const { offer } of owners) {
      for (const { _meta, ...raw } of offer.resources) {
        const uri = mountedUri(domain, raw.uri);
        if (resources.has(uri)) continue;
        resources.set(uri, {
          domain,
          candidates: candidates(raw.uri, (items) => items?.resources.has(raw.uri)),
          descriptor: { ...raw, ...metaIn(domain, _meta), uri },
        });
      }
      for (const { _meta, ...raw } of offer.templates) {
        const uriTemplate = mountedUri(domain, raw.uriTemplate);
        if (templates.has(uriTemplate)) continue;
        templates.set(uriTemplate, {
          domain,
          candidates: candidates(raw.uriTemplate, (items) => items?.templates.has(raw.uriTemplate)),
          descriptor: { ...raw, ...metaIn(domain, _meta), uriTemplate },
        });
      }
    }
  }
  const domains = [...new Set(servers.flatMap(({ config }) => config.domains))];
  const held = heldBack(servers, (name) => tools.has(name));
  return { tools, held, prompts, resources, templates, domains, servers, problems };
}

type Named = { readonly name: string };

function offeredBy(
  servers: readonly MountedServer[],
  of: (offer: MountedServer['offer']) => readonly Named[],
): OfferedName[] {
  return servers.flatMap(({ id, offer }) => of(offer).map(({ name }) => ({ server: id, name })));
}

function first(servers: readonly MountedServer[], ids: readonly string[]): MountedServer | undefined {
  return servers.find(({ id }) => ids.includes(id));
}

function metaIn(domain: string, meta: Readonly<Record<string, unknown>> | undefined) {
  return meta === undefined ? {} : { _meta: mountedMeta(domain, meta) };
}
