import { isFields } from '../../protocol/json-rpc.ts';
import { DOMAIN } from './domain.ts';

/** The scheme by which hosts of MCP Apps know an interface: it must stay what the URI begins with. */
const APP_SCHEME = 'ui://';

/**
 * The URI, or URI template, under which a domain's resource is offered: `file:///a` of `sales` is `sales+file:///a`, and
 * `ui://chart` is `ui://sales/chart`. The original follows letter for letter, so variables of a template, and what a
 * client puts in for them, pass as they are. A scheme with `+` is none that URL parsers
 * know: they rewrite nothing of the rest but dot segments.
 *
 * @param domain fits {@link DOMAIN}
 */
export function mountedUri(domain: string, uri: string): string {
  if (uri.startsWith(APP_SCHEME)) return `${APP_SCHEME}${domain}/${uri.slice(APP_SCHEME.length)}`;
  return `${domain}+${uri}`;
}

/** Whose URI it is and how its server calls it; undefined for a URI that no mounting made, such as `omie://…`. */
export function originalUri(mounted: string): { readonly domain: string; readonly uri: string } | undefined {
  const ofApp = mounted.startsWith(APP_SCHEME);
  const start = ofApp ? APP_SCHEME.length : 0;
  const end = mounted.indexOf(ofApp ? '/' : '+', start);
  if (end === -1) return undefined;
  const domain = mounted.slice(start, end);
  if (!DOMAIN.test(domain)) return undefined;
  const rest = mounted.slice(end + 1);
  // Otherwise the URI would have two mounted forms, and a rule about one could be passed by the other.
  if (!ofApp && rest.startsWith(APP_SCHEME)) return undefined;
  return { domain, uri: ofApp ? APP_SCHEME + rest : rest };
}

/** A tool's `_meta` with its pointers to interfaces (MCP Apps: `ui.resourceUri`, formerly `ui/resourceUri`) rewritten. */
export function mountedMeta(
  domain: string,
  meta: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const { ui } = meta;
  const pointer = isFields(ui) ? ui['resourceUri'] : undefined;
  const older = meta['ui/resourceUri'];
  return {
    ...meta,
    ...(isFields(ui) && typeof pointer === 'string' ? { ui: { ...ui, resourceUri: mountedUri(domain, pointer) } } : {}),
    ...(typeof older === 'string' ? { 'ui/resourceUri': mountedUri(domain, older) } : {}),
  };
}
