import { isRecord } from '../../files/read-json.ts';
import { mountedUri } from '../naming/uris.ts';

/** A piece of content with the URI of its resource, linked or embedded, rewritten (server/tools, "Resource Links"). */
export function mountContent(domain: string, item: unknown): unknown {
  if (!isRecord(item)) return item;
  if (item['type'] === 'resource_link' && typeof item['uri'] === 'string') {
    return { ...item, uri: mountedUri(domain, item['uri']) };
  }
  const { resource } = item;
  if (item['type'] !== 'resource' || !isRecord(resource) || typeof resource['uri'] !== 'string') return item;
  return { ...item, resource: { ...resource, uri: mountedUri(domain, resource['uri']) } };
}
