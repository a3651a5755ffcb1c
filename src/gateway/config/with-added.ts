import { foldedId } from './cross-checks.ts';
import type { GatewayConfig, UpstreamConfig } from './gateway-config.ts';

export interface WithAdded {
  readonly config: GatewayConfig;
  /** Ids of those that are left out: the file has a server of that id or domain. */
  readonly leftOut: readonly string[];
}

/**
 * The servers of the file and those that were added while it runs. The file wins: an added server is never a spare of one
 * that the operator wrote down, nor answers in its place.
 */
export function withAdded(file: GatewayConfig, added: readonly UpstreamConfig[]): WithAdded {
  const ids = new Set(file.servers.map(({ id }) => foldedId(id)));
  const domains = new Set(file.servers.flatMap((server) => server.domains));
  const clashes = ({ id, domains: own }: UpstreamConfig): boolean =>
    ids.has(foldedId(id)) || own.some((domain) => domains.has(domain));
  return {
    config: { ...file, servers: [...file.servers, ...added.filter((server) => !clashes(server))] },
    leftOut: added.filter(clashes).map(({ id }) => id),
  };
}
