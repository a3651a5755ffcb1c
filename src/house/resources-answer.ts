import type { Gathered, GatheredServer } from '../gateway/resources/gather.ts';
import type { MountedServer } from '../gateway/upstreams/upstream-registry.ts';
import type { Scrub } from '../server/server-parts.ts';
import { secretlessBytes } from '../server/without-secrets.ts';

/** What of a server is missing from an answer; in Portuguese for its readers. */
interface Missing {
  /** Absent when the server itself was the failure. */
  readonly uri?: string;
  readonly motivo: string;
}

type AnsweredServer = GatheredServer & { readonly falhas?: readonly Missing[] };

/**
 * The body of `GET /mcp/resources/{domain}` (contract): servers by name and nothing else, each with what failed of it. One
 * that gave nothing at all is there too, without resources. Where two have one name they stand under their ids.
 */
export function resourcesAnswer(
  { servers, failures }: Gathered,
  mounted: readonly MountedServer[],
  scrub: Scrub,
): Readonly<Record<string, AnsweredServer>> {
  const asked = mounted.filter(({ id }) => servers[id] !== undefined || failures.some(({ server }) => server === id));
  const taken = (name: string): number => asked.filter((one) => one.name === name || one.id === name).length;
  return Object.fromEntries(
    asked.map(({ id, name, config }) => {
      const { priority, domains, capabilities } = config;
      const gathered = servers[id] ?? { name, priority, domains, capabilities, resources: {} };
      const falhas = failures.flatMap(({ server, uri, reason }) =>
        server === id ? [{ ...(uri === undefined ? {} : { uri }), motivo: reason }] : [],
      );
      const answered = { ...withoutSecretBytes(gathered, scrub), ...(falhas.length === 0 ? {} : { falhas }) };
      return [taken(name) > 1 ? id : name, answered];
    }),
  );
}

/** Its texts are searched with the whole answer; bytes do not show there. */
function withoutSecretBytes(server: GatheredServer, scrub: Scrub): GatheredServer {
  const resources = Object.entries(server.resources).map(([uri, resource]) => {
    const contents = resource.contents.map((one) =>
      one.blob === undefined ? one : { ...one, blob: secretlessBytes(one.blob, scrub) },
    );
    return [uri, { ...resource, contents }];
  });
  return { ...server, resources: Object.fromEntries(resources) };
}
