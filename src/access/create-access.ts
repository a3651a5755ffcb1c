import { fullAccess, type Principal } from '../companies/principal.ts';
import { ConfigurationError } from '../errors.ts';
import type { Secret } from '../logging/secret.ts';
import { EndWatch } from './end-watch.ts';
import { type Identification, unknown } from './identification.ts';
import { protectedResource, type ResourceMetadata } from './oauth/protected-resource.ts';
import { digestOf, sameDigest } from './token-digest.ts';
import { TokenRegistry, type TokensEvent } from './token-registry.ts';

export interface AccessOptions {
  /** One token for everything. */
  readonly staticToken?: Secret | undefined;
  readonly tokensFile?: string | undefined;
  readonly oauth?: OAuthSettings | undefined;
  /** Who administers the hub, where there is one. */
  readonly administrator?: Administrator | undefined;
  /** Epoch milliseconds. */
  readonly now?: (() => number) | undefined;
  readonly report?: ((event: TokensEvent | { kind: 'issuer'; error: unknown }) => void) | undefined;
}

export interface Administrator {
  readonly token: Secret;
  /** As whom its holder comes in; where nobody is asked who they are, with all that everybody may do besides. */
  readonly principal: Principal;
}

export interface OAuthSettings {
  readonly issuer: string;
  readonly audience: string;
  /** This server's URL as clients know it. */
  readonly resource: string;
}

/** Who may come in, by whichever of the ways are set up; with none, everybody who reaches the server. */
export interface Access {
  /** `token` as it was sent, undefined when none was. At once in every case but a JWT not seen before. Never rejects. */
  identify(token: string | undefined): Identification | Promise<Identification>;
  /** The local person, or the holder of the token given for stdio. @throws ConfigurationError when it is not good. */
  local(token: Secret | undefined): Principal;
  /** Called when a principal's token was revoked, changed or has expired. */
  onEnd(listener: (principal: Principal) => void): void;
  /** Why the tokens file on disk is not the one in force; undefined when it is. */
  problem(): string | undefined;
  /** What clients are told of the issuer (RFC 9728); undefined without OAuth. */
  readonly resourceMetadata: ResourceMetadata | undefined;
  close(): void;
}

/** @throws ConfigurationError when the tokens file is bad. */
export async function createAccess(options: AccessOptions): Promise<Access> {
  const { staticToken, tokensFile, oauth, administrator, now = Date.now, report } = options;
  const ends = new EndWatch();
  const adminDigest = administrator === undefined ? undefined : digestOf(administrator.token.reveal());
  const registry =
    tokensFile === undefined
      ? undefined
      : new TokenRegistry({ path: tokensFile, taken: adminDigest, ends, now, report });
  // The library for signatures is loaded only where there are any: most starts are of a desktop client's stdio.
  const oauthTokens = oauth === undefined ? undefined : await import('./oauth/oauth-tokens.ts');
  const issued =
    oauthTokens === undefined || oauth === undefined
      ? undefined
      : new oauthTokens.OAuthTokens({ ...oauth, ends, now, report: (error) => report?.({ kind: 'issuer', error }) });
  const staticDigest = staticToken === undefined ? undefined : digestOf(staticToken.reveal());
  const staticHolder: Identification = { kind: 'known', principal: fullAccess('token'), byToken: true };
  const anybody: Identification = { kind: 'known', principal: fullAccess('local'), byToken: false };
  const open = staticDigest === undefined && registry === undefined && issued === undefined;
  const admin: Identification | undefined = administrator && {
    kind: 'known',
    principal: open ? { ...fullAccess(administrator.principal.id), administersHub: true } : administrator.principal,
    byToken: true,
  };

  return {
    identify(token) {
      if (token === undefined || (open && admin === undefined)) return open ? anybody : unknown;
      const digest = digestOf(token);
      if (admin !== undefined && adminDigest !== undefined && sameDigest(digest, adminDigest)) return admin;
      // Where a token can open something, a wrong one is a guess, and guesses are counted.
      if (open) return unknown;
      if (staticDigest !== undefined && sameDigest(digest, staticDigest)) return staticHolder;
      const principal = registry?.find(digest);
      if (principal !== undefined) return { kind: 'known', principal, byToken: true };
      return issued?.identify(token, digest) ?? unknown;
    },
    local(token) {
      // Whoever starts the program has set the hub's token for it.
      if (token === undefined) return { ...fullAccess('stdio'), administersHub: administrator !== undefined };
      const holder = registry?.find(digestOf(token.reveal()));
      if (holder !== undefined) return holder;
      throw new ConfigurationError(
        'MCP_STDIO_TOKEN não é um token válido do arquivo MCP_TOKENS_FILE: é desconhecido, foi revogado ou expirou.',
      );
    },
    onEnd: (listener) => ends.onEnd(listener),
    problem: () => registry?.problem,
    resourceMetadata: oauth === undefined ? undefined : protectedResource(oauth),
    close() {
      registry?.close();
      ends.close();
    },
  };
}
