import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { fullAccess, type Principal } from '../companies/principal.ts';
import type { Secret } from '../logging/secret.ts';

export interface Authentication {
  readonly principal: Principal;
  /** True when a token was presented and is good; only then may details be shown. */
  readonly byToken: boolean;
}

/** Who a request comes from; undefined when a token is needed and none, or a bad one, was given. */
export type Authenticate = (req: IncomingMessage) => Authentication | undefined;

/**
 * One static token, or none at all (loopback only). Tokens come in `Authorization: Bearer` alone, never in the query
 * string, and are compared as digests in constant time.
 */
export function createAuthenticate(token: Secret | undefined): Authenticate {
  if (token === undefined) {
    const anonymous: Authentication = { principal: fullAccess('local'), byToken: false };
    return () => anonymous;
  }
  const holder: Authentication = { principal: fullAccess('token'), byToken: true };
  const expected = digest(token.reveal());
  return (req) => {
    const given = /^Bearer +(\S+) *$/i.exec(req.headers.authorization ?? '')?.[1];
    return given !== undefined && timingSafeEqual(digest(given), expected) ? holder : undefined;
  };
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
