import { isFields } from '../../protocol/json-rpc.ts';
import { mountedUri } from '../naming/uris.ts';

/** A piece of content with the URI of its resource, linked or embedded, rewritten (server/tools, "Resource Links"). */
export function mountContent(domain: string, item: unknown): unknown {
  if (!isFields(item)) return item;
  if (item['type'] === 'resource_link' && typeof item['uri'] === 'string') {
    return { ...item, uri: mountedUri(domain, item['uri']) };
  }
  const { resource } = item;
  if (item['type'] !== 'resource' || !isFields(resource) || typeof resource['uri'] !== 'string') return item;
  return { ...item, resource: { ...resource, uri: mountedUri(domain, resource['uri']) } };
}
