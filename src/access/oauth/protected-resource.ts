import { generalScopes } from './scope-rights.ts';

/** What a client needs to get a token for this server, and where it finds it (RFC 9728 §2, §3). */
export interface ResourceMetadata {
  readonly document: {
    readonly resource: string;
    readonly resource_name: string;
    readonly authorization_servers: readonly string[];
    readonly bearer_methods_supported: readonly ['header'];
    /** The general ones only: the names of companies are nobody's business before they are known. */
    readonly scopes_supported: readonly string[];
  };
  /** For `resource_metadata` in challenges. */
  readonly url: string;
  /** The paths it is served at: with and without the resource's own path behind it. */
  readonly paths: ReadonlySet<string>;
}

export const METADATA_PATH = '/.well-known/oauth-protected-resource';

export function protectedResource({
  issuer,
  resource,
}: {
  readonly issuer: string;
  readonly resource: string;
}): ResourceMetadata {
  const { origin, pathname } = new URL(resource);
  const suffix = pathname === '/' ? '' : pathname.replace(/\/$/, '');
  return {
    document: {
      resource,
      resource_name: 'omie-mcp-hub',
      authorization_servers: [issuer],
      bearer_methods_supported: ['header'],
      scopes_supported: generalScopes,
    },
    url: `${origin}${METADATA_PATH}${suffix}`,
    paths: new Set([METADATA_PATH, `${METADATA_PATH}/mcp`, `${METADATA_PATH}${suffix}`]),
  };
}
