import { z } from 'zod';
import { readUpTo } from '../../read-up-to.ts';
import { IssuerUnavailableError } from './issuer-unavailable.ts';

const TIMEOUT_MS = 5_000;
const MAX_METADATA_BYTES = 1_000_000;

const metadataSchema = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

/**
 * Where the issuer publishes its keys, from its own metadata (RFC 8414 §3, OpenID Connect Discovery §4).
 *
 * @throws IssuerUnavailableError when no metadata can be had, or it is not this issuer's.
 */
export async function discoverJwksUri(issuer: string): Promise<URL> {
  for (const address of metadataAddresses(issuer)) {
    const metadata = await read(address);
    if (metadata === undefined) continue;
    const parsed = metadataSchema.safeParse(metadata);
    if (!parsed.success) throw new IssuerUnavailableError(`metadata at ${address} lacks issuer or jwks_uri`);
    // RFC 8414 §3.3: metadata that names another issuer must not be used.
    if (parsed.data.issuer !== issuer) throw new IssuerUnavailableError(`metadata at ${address} names another issuer`);
    const jwksUri = new URL(parsed.data.jwks_uri);
    if (jwksUri.protocol === 'http:' && !issuer.startsWith('http:')) {
      throw new IssuerUnavailableError('jwks_uri is not https');
    }
    return jwksUri;
  }
  throw new IssuerUnavailableError('the issuer publishes no metadata');
}

/** In the order of the MCP authorization chapter ("Authorization Server Metadata Discovery"). */
export function metadataAddresses(issuer: string): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  const inserted = ['oauth-authorization-server', 'openid-configuration'].map(
    (name) => `${origin}/.well-known/${name}${path}`,
  );
  return path === '' ? inserted : [...inserted, `${origin}${path}/.well-known/openid-configuration`];
}

/** The JSON at an address; undefined when there is none there. */
async function read(address: string): Promise<unknown> {
  try {
    const response = await fetch(address, {
      headers: { accept: 'application/json' },
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status >= 500) throw new IssuerUnavailableError(`${address} answered ${response.status}`);
    if (!response.ok) {
      await response.body?.cancel();
      return undefined;
    }
    const body = await readUpTo(response.body, MAX_METADATA_BYTES);
    return body === undefined ? undefined : JSON.parse(body.toString('utf8'));
  } catch (error) {
    if (error instanceof IssuerUnavailableError) throw error;
    // What is not JSON is not the metadata: the next address may have it.
    if (error instanceof SyntaxError) return undefined;
    throw new IssuerUnavailableError(`${address} cannot be reached`, { cause: error });
  }
}
