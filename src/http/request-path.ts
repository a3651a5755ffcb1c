import type { IncomingMessage } from 'node:http';

/** The path of a request's URL, without its query. */
export function pathOf(url = '/'): string {
  const query = url.indexOf('?');
  return query === -1 ? url : url.slice(0, query);
}

const SLASH = 0x2f;

/**
 * Makes the target of a request the path that everything else looks at: `GET http://hub/health` asks for `/health` (RFC 9112
 * §3.2.2), as one sends it to a proxy.
 *
 * @returns the authority that stood before it, with its port and for no host of ours when the scheme is not http(s);
 * undefined when there was none
 */
export function takeAuthority(req: IncomingMessage): string | undefined {
  const { url = '/' } = req;
  if (url.charCodeAt(0) === SLASH) return undefined;
  const absolute = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(url);
  if (absolute === null) return undefined;
  const [, scheme = '', authority = '', rest = ''] = absolute;
  req.url = rest.startsWith('/') ? rest : `/${rest}`;
  return /^https?$/i.test(scheme) ? authority : '';
}
