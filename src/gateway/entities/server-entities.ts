/** What the mounted servers know by name: the resources they list, what their aliases stand for, what a program adds. */
import { nameKey } from '../../companies/name-key.ts';
import type { MountedServer } from '../upstreams/upstream-registry.ts';
import type { Entity, EntitySource } from './resolve-entity.ts';

/** By server id. */
export type KnownEntities = Readonly<Record<string, readonly Entity[]>>;

/** Resources count under their name, with the URI as id; an alias of something nobody lists stands for that very name. */
export function entitySources(servers: readonly MountedServer[], known: KnownEntities = {}): EntitySource[] {
  const added = new Map(Object.entries(known));
  return servers.map(({ id, config: { priority, aliases }, offer }) => {
    const entities: Entity[] = [
      ...(added.get(id) ?? []),
      ...offer.resources.map(({ name, uri }) => ({ name, id: uri })),
    ];
    const held = new Set(entities.flatMap((entity) => [nameKey(entity.name), entity.id]));
    const named = new Set(Object.values(aliases).filter((name) => !held.has(nameKey(name)) && !held.has(name)));
    return { server: id, priority, aliases, entities: [...entities, ...[...named].map((name) => ({ name }))] };
  });
}

/** Shorter names stand in every question. */
const MIN_NAME = 3;
const MAX_MENTIONED = 10;

/** Aliases and names that stand in the text as whole words, in any case, with or without accents; ten at most. */
export function mentionedNames(text: string, sources: readonly EntitySource[]): readonly string[] {
  const said = wordsOf(text);
  const names = new Map<string, string>();
  for (const { aliases = {}, entities } of sources) {
    for (const name of [...Object.keys(aliases), ...entities.map((entity) => entity.name)]) {
      const words = wordsOf(name);
      if (words.trim().length >= MIN_NAME && said.includes(words) && !names.has(words)) names.set(words, name);
    }
  }
  return [...names.values()].slice(0, MAX_MENTIONED);
}

const wordsOf = (text: string): string =>
  ` ${nameKey(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean)
    .join(' ')} `;
