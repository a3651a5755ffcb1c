/** What the names in a question stand for, as a model is told. */
import { shorten } from '../../shorten.ts';
import { type Resolution, resolveEntity } from '../entities/resolve-entity.ts';
import { entitySources, mentionedNames } from '../entities/server-entities.ts';
import { cleanText } from '../trust/clean-text.ts';
import type { MountedServer } from '../upstreams/upstream-registry.ts';

const MAX_NAME = 200;

export interface QueryEntities {
  /** One JSON object a line; empty when the question names nothing that is known. */
  readonly text: string;
  /** Domains of the servers whose entities are named. */
  readonly domains: readonly string[];
}

/** @param onResolved hears of every name, also to log conflicts */
export function queryEntities(
  query: string,
  servers: readonly MountedServer[],
  onResolved: (resolution: Resolution) => void,
): QueryEntities {
  const sources = entitySources(servers);
  const lines: string[] = [];
  const named = new Set<string>();
  for (const name of mentionedNames(query, sources)) {
    const resolution = resolveEntity(name, sources);
    onResolved(resolution);
    if (resolution.kind === 'none') continue;
    const ambiguous = resolution.kind === 'tie';
    for (const { server, entity } of ambiguous ? resolution.candidates : [resolution.match]) {
      named.add(server);
      lines.push(JSON.stringify({ said: shown(name), means: shown(entity.name), id: entity.id, server, ambiguous }));
    }
  }
  const domains = servers.flatMap(({ id, config }) => (named.has(id) ? config.domains : []));
  return { text: lines.join('\n'), domains: [...new Set(domains)] };
}

const shown = (name: string): string => shorten(cleanText(name), MAX_NAME);
