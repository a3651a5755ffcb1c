import type { IncomingMessage } from 'node:http';
import type { Access } from '../access/create-access.ts';
import { type Identification, unknown } from '../access/identification.ts';

/**
 * Who a request comes from. A promise only where an authorization server may have to be asked: everything else is
 * answered at once, for it is asked of every request.
 */
export type Authenticate = (req: IncomingMessage) => Identification | Promise<Identification>;

/** A token comes in `Authorization: Bearer` alone (RFC 6750 §2.1), whichever way it is looked up. */
export function createAuthenticate(access: Pick<Access, 'identify'>): Authenticate {
  return (req) => {
    if (hasTokenInQuery(req.url)) return unknown;
    const { authorization } = req.headers;
    return access.identify(authorization === undefined ? undefined : /^Bearer +(\S+) *$/i.exec(authorization)?.[1]);
  };
}

/** Query strings end up in logs and histories, so a token there is refused, even beside a good one (MCP, "Token Handling"). */
function hasTokenInQuery(url = ''): boolean {
  const query = url.indexOf('?');
  if (query === -1) return false;
  for (const name of new URLSearchParams(url.slice(query + 1)).keys()) {
    if (name.toLowerCase() === 'access_token') return true;
  }
  return false;
}
