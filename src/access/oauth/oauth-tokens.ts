import { LRUCache } from 'lru-cache';
import type { EndWatch } from '../end-watch.ts';
import { GrantedPrincipal } from '../granted-principal.ts';
import { type Identification, unknown } from '../identification.ts';
import { type AccessClaims, mayBeFrom, readAccessToken } from './access-token.ts';
import { IssuerKeys, type IssuerKeysOptions } from './issuer-keys.ts';
import { rightsOfScopes } from './scope-rights.ts';

export interface OAuthTokensOptions extends IssuerKeysOptions {
  /** What tokens for this server name in `aud`. */
  readonly audience: string;
  readonly ends: EndWatch;
  /** Told when the issuer cannot be asked. */
  readonly report?: ((error: unknown) => void) | undefined;
}

/** A verified token is believed this long before its signature is checked again, so that a withdrawn key counts. */
const REMEMBERED_MS = 60_000;
const REMEMBERED_TOKENS = 1_000;
const RETRY_AFTER_MS = 5_000;

/** OAuth 2.1 resource server: access tokens that one issuer signed for this server (MCP, "Authorization"). */
export class OAuthTokens {
  readonly #options: OAuthTokensOptions;
  readonly #keys: IssuerKeys;
  readonly #verified: LRUCache<string, Identification>;
  /** One principal for the same subject, client and scopes: a refreshed token goes on with the sessions of the old. */
  readonly #principals = new Map<string, GrantedPrincipal>();
  /** Trouble with the issuer is told when it begins, not by every request that meets it. */
  #troubled = false;

  constructor(options: OAuthTokensOptions) {
    this.#options = options;
    this.#keys = new IssuerKeys(options);
    this.#verified = new LRUCache({ max: REMEMBERED_TOKENS, perf: { now: options.now }, ttlResolution: 0 });
    options.ends.onEnd((principal) => this.#forget(principal));
  }

  /** At once for a token seen within the last minute; never rejects. */
  identify(token: string, digest: Buffer): Identification | Promise<Identification> {
    const key = digest.toString('base64');
    const known = this.#verified.get(key);
    if (known !== undefined) return known;
    if (!mayBeFrom(token, this.#options.issuer)) return unknown;
    return this.#verify(token, key);
  }

  async #verify(token: string, key: string): Promise<Identification> {
    const { now } = this.#options;
    try {
      const claims = await readAccessToken(token, await this.#keys.get(), this.#options, now());
      this.#troubled = false;
      if (claims === undefined) return unknown;
      const identification = this.#grant(claims);
      const ttl = Math.min(REMEMBERED_MS, claims.expiresAt - now());
      if (ttl > 0) this.#verified.set(key, identification, { ttl });
      return identification;
    } catch (error) {
      if (!this.#troubled) this.#options.report?.(error);
      this.#troubled = true;
      return { kind: 'unavailable', retryAfterMs: RETRY_AFTER_MS };
    }
  }

  #grant({ subject, client, scopes, expiresAt }: AccessClaims): Identification {
    const rights = rightsOfScopes(scopes);
    if (rights === undefined) return { kind: 'insufficient' };
    const key = JSON.stringify([subject, client, [...new Set(scopes)].sort()]);
    const known = this.#principals.get(key);
    if (known?.live === true) {
      known.extend(expiresAt);
      return { kind: 'known', principal: known, byToken: true };
    }
    const { ends, now } = this.#options;
    if (known !== undefined) ends.end(known);
    const principal = new GrantedPrincipal({ id: principalId(subject, client), rights, expiresAt }, now);
    this.#principals.set(key, principal);
    ends.add(principal);
    return { kind: 'known', principal, byToken: true };
  }

  #forget(ended: GrantedPrincipal): void {
    for (const [key, principal] of this.#principals) if (principal === ended) this.#principals.delete(key);
  }
}

/**
 * Who asks and by which program: without sub a token's subject is its client's own id (RFC 9068 §2.2), and a program must not
 * pass for the person of the same name (§5). Spaces are encoded, so that the one before and after `via` part the two.
 */
function principalId(subject: string, client: string): string {
  const word = (text: string): string => text.replace(/[\s%\p{Cc}\p{Cf}]/gu, encodeURIComponent);
  return client === '' ? `oauth:${word(subject)}` : `oauth:${word(subject)} via ${word(client)}`;
}
