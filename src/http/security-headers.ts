import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

/**
 * What helmet sets on an answer of an API: nothing in it may run, be framed, be guessed at or be loaded by another
 * site. Its headers for documents and old browsers are left out.
 */
const harden = helmet({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  frameguard: { action: 'deny' },
  // A subdomain may be somebody else's, and not speak TLS.
  hsts: { maxAge: 31_536_000, includeSubDomains: false },
  crossOriginOpenerPolicy: false,
  originAgentCluster: false,
  dnsPrefetchControl: false,
  ieNoOpen: false,
  permittedCrossDomainPolicies: false,
  xssFilter: false,
});

/** Names and values in turn. None depends on the request, so helmet is asked once and not for each answer. */
export const securityHeaders: readonly string[] = headersOfHelmet();

/** For responses that are not made by {@link EdgeResponse}, or have ceased to be: express gives them a prototype of its own. */
export function setSecurityHeaders(res: ServerResponse): void {
  for (let at = 0; at + 1 < securityHeaders.length; at += 2) {
    res.setHeader(securityHeaders[at] ?? '', securityHeaders[at + 1] ?? '');
  }
}

function headersOfHelmet(): string[] {
  const res = new ServerResponse(new IncomingMessage(new Socket()));
  // It calls back at once: none of the options above can fail.
  harden(res.req, res, () => {});
  return Object.entries(res.getHeaders()).flatMap(([name, value]) => [name, String(value)]);
}
