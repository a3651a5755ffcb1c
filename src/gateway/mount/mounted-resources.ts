import { z } from 'zod';
import type { Principal } from '../../companies/principal.ts';
import { NotFoundError } from '../../errors.ts';
import { RESOURCES_READ } from '../../protocol/methods.ts';
import type { ResourceReading, ResourceSource } from '../../resources/resource-source.ts';
import type { InputRequired } from '../../tools/input-required.ts';
import type { CallContext, Caller } from '../../tools/tool-source.ts';
import { outOfDomain, type Scope } from '../domains/scope.ts';
import { OMIE_DOMAIN } from '../naming/domain.ts';
import { mountedUri, originalUri } from '../naming/uris.ts';
import { forwardedMeta } from '../questions/forward-context.ts';
import { readInputRequired } from '../questions/input-required.ts';
import type { MountedServer } from '../upstreams/upstream-registry.ts';
import { readResult } from './forwarder.ts';
import type { Gateway } from './gateway.ts';
import { mayRead } from './may-read.ts';
import type { MountedItem, MountTable } from './mount-table.ts';
import { watchMounted } from './mounted-watches.ts';
import { resultMeta } from './result-meta.ts';
import { visibleResources, visibleTemplates } from './visible.ts';

const piece = z.looseObject({ uri: z.string(), mimeType: z.string().optional() });
const reading = z.looseObject({
  contents: z.array(z.union([piece.extend({ text: z.string() }), piece.extend({ blob: z.string() })])),
  // Unlike a loose object, no ExactNumber.
  _meta: z.record(z.string(), z.unknown()).optional(),
});

/** The built-in resources and the mounted ones, under URIs that lead back to their server. */
export function mountResources(gateway: Gateway, inner: ResourceSource): ResourceSource {
  const shown = <T>(of: (table: MountTable, principal: Principal, scope: Scope) => T[], caller: Caller): T[] =>
    of(gateway.table, caller.principal, gateway.scopeOf(caller));

  return {
    list: (caller) => [
      ...(gateway.ownInScope(caller) ? inner.list(caller) : []),
      ...shown(visibleResources, caller).map(({ descriptor }) => descriptor),
    ],
    templates: (caller) => [
      ...(gateway.ownInScope(caller) ? inner.templates(caller) : []),
      ...shown(visibleTemplates, caller).map(({ descriptor }) => descriptor),
    ],
    async read(uri, context) {
      const item = itemFor({ gateway, inner }, uri, context);
      return item === undefined ? inner.read(uri, context) : readMounted(gateway, item, uri, context);
    },
    async watch(uri, caller) {
      const item = itemFor({ gateway, inner }, uri, caller);
      return item === undefined ? inner.watch?.(uri, caller) : watchMounted(gateway, item, caller);
    },
  };
}

interface Shelf {
  readonly gateway: Gateway;
  /** The house's own resources. */
  readonly inner: ResourceSource;
}

/**
 * What the URI leads to, or undefined for a resource of this server's own. One of a domain that the caller may not read is
 * as unknown as one of a domain that there is not.
 *
 * @throws NotFoundError, OutOfDomainError
 */
function itemFor({ gateway, inner }: Shelf, uri: string, caller: Caller): MountedItem | undefined {
  const item = itemAt(gateway.table, uri);
  if (item === undefined && (!gateway.active || originalUri(uri) === undefined)) {
    if (gateway.ownInScope(caller)) return undefined;
    throw isOwn(inner, uri, caller) ? outOfDomain('este recurso', [OMIE_DOMAIN]) : unknownResource();
  }
  if (item === undefined || !mayRead(caller.principal, item.domain)) throw unknownResource();
  return item;
}

const unknownResource = (): NotFoundError =>
  new NotFoundError('Não existe esse recurso.', { hint: 'Liste os recursos que existem com resources/list.' });

async function readMounted(
  gateway: Gateway,
  item: MountedItem,
  uri: string,
  context: CallContext,
): Promise<ResourceReading | InputRequired> {
  const { domain } = item;
  const errand = {
    method: RESOURCES_READ,
    what: `um recurso do domínio ${domain}`,
    readOnly: true,
    params: ({ name }: { name: string }) => ({ uri: name, ...forwardedMeta(context) }),
    subject: [uri],
    shownUri: (own: string) => mountedUri(domain, own),
  };
  const served = await gateway.forwarder.run(item, gateway.scopes.of(context), errand, context);
  // Revoked or expired while it was being read.
  if (!mayRead(context.principal, domain)) throw unknownResource();
  if (readInputRequired(served.resultText) !== undefined) return { inputRequired: served.resultText.toString() };
  // Who may read it is ours to say: "public" would let a cache between us and the client show it to anybody.
  const { contents, _meta, resultType, cacheScope, inputRequired, ...rest } = readResult(served, reading);
  return {
    ...rest,
    contents: contents.map((one) => ({ ...one, uri: mountedUri(domain, one.uri) })),
    _meta: resultMeta(_meta, served.servedBy),
  };
}

/** Whether the house's own server may have it. */
function isOwn(inner: ResourceSource, uri: string, caller: Caller): boolean {
  const literals = inner.templates(caller).map(({ uriTemplate }) => uriTemplate.split('{')[0] ?? '');
  return inner.list(caller).some((one) => one.uri === uri) || literals.some((one) => one !== '' && uri.startsWith(one));
}

/** The resource of a mounted URI, also of one that no list shows: templates and results of tools lead to those. */
function itemAt(table: MountTable, uri: string): MountedItem | undefined {
  const listed = table.resources.get(uri);
  if (listed !== undefined) return listed;
  const original = originalUri(uri);
  if (original === undefined) return undefined;
  const { domain, uri: name } = original;
  const owners = table.servers.filter(({ config }) => config.domains[0] === domain);
  if (owners.length === 0) return undefined;
  const fitting = owners.filter((server) => mayHold(server, name));
  const candidates = (fitting.length > 0 ? fitting : owners).map(({ id, config }) => ({
    server: id,
    name,
    domains: config.domains,
  }));
  return { domain, candidates, unlisted: true };
}

/** Whether a template of the server begins like the URI: which variables stand where is the server's to judge. */
function mayHold({ offer }: MountedServer, uri: string): boolean {
  return offer.templates.some(({ uriTemplate }) => {
    const [literal = ''] = uriTemplate.split('{');
    return literal !== '' && uri.startsWith(literal);
  });
}
