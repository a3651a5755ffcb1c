import Fuse from 'fuse.js';
import { nameKey } from '../../companies/name-key.ts';

export interface Entity {
  readonly name: string;
  /** A code, tax id or URI: compared letter for letter. */
  readonly id?: string | undefined;
}

/** What one server knows; `aliases` as in its configuration, alias → name. */
export interface EntitySource {
  readonly server: string;
  /** 1–999, lower is preferred. */
  readonly priority: number;
  readonly entities: readonly Entity[];
  readonly aliases?: Readonly<Record<string, string>> | undefined;
}

export type MatchReason = 'exact' | 'alias' | 'fuzzy';

export interface EntityMatch {
  readonly server: string;
  readonly priority: number;
  readonly entity: Entity;
  /** 1 for exact and alias, less for fuzzy, with two decimals. */
  readonly score: number;
  readonly reason: MatchReason;
}

export type Resolution =
  | {
      readonly kind: 'found';
      readonly match: EntityMatch;
      /** Next best, best first, at most five. */
      readonly runnersUp: readonly EntityMatch[];
      /** Other servers' entities of the same name that were passed over for their priority: to be logged. */
      readonly conflicts: readonly EntityMatch[];
    }
  /** Two or more fit equally well: whoever asked has to choose. */
  | { readonly kind: 'tie'; readonly candidates: readonly EntityMatch[] }
  /** Nobody fits well enough; the nearest, at most five. */
  | { readonly kind: 'none'; readonly runnersUp: readonly EntityMatch[] };

/** Below this a fuzzy match is a guess. */
const MIN_SCORE = 0.6;
/** Scores this close say nothing about which one was meant. */
const TIE_MARGIN = 0.05;
const MAX_SHOWN = 5;
/** Comparing costs length times length; no name in an ERP is longer. */
const MAX_QUERY = 200;

/**
 * Resolves a name against what the servers know: exact (by id, or by name without case, accents and double spaces),
 * then alias, then fuzzy. Within a stage the best priority answers; of two that only differ in name, or that one server
 * holds twice, none is picked.
 */
export function resolveEntity(query: string, sources: readonly EntitySource[]): Resolution {
  const wanted = query.slice(0, MAX_QUERY);
  const ordered = [...sources].sort((a, b) => a.priority - b.priority || (a.server < b.server ? -1 : 1));
  const near = nearest(nameKey(wanted), ordered);
  const exact = matches(ordered, 'exact', ({ name, id }) => id === wanted.trim() || sameName(name, wanted));
  if (exact.length > 0) return decide(exact, near);
  const aliased = ordered.flatMap((source) => {
    const targets = Object.entries(source.aliases ?? {}).filter(([alias]) => sameName(alias, wanted));
    return targets.flatMap(([, target]) =>
      matches([source], 'alias', ({ name, id }) => id === target || sameName(name, target)),
    );
  });
  if (aliased.length > 0) return decide(aliased, near);
  const good = near.filter(({ score }) => score >= MIN_SCORE);
  const [best] = good;
  if (best === undefined) return { kind: 'none', runnersUp: near.slice(0, MAX_SHOWN) };
  return decide(
    good.filter(({ score }) => best.score - score < TIE_MARGIN),
    near,
  );
}

/** @param fitting equally good, best priority first, at least one */
function decide(fitting: readonly EntityMatch[], near: readonly EntityMatch[]): Resolution {
  const distinct = fitting.filter((match, at) => fitting.findIndex((other) => sameRow(other, match)) === at);
  const [match] = distinct;
  if (match === undefined) return { kind: 'none', runnersUp: near.slice(0, MAX_SHOWN) };
  const elsewhere = distinct.filter((other) => other.server !== match.server && alike(other.entity, match.entity));
  const others = distinct.filter((other) => other !== match && !elsewhere.includes(other));
  if (others.length > 0) return { kind: 'tie', candidates: distinct.slice(0, MAX_SHOWN) };
  const runnersUp = near.filter((other) => !distinct.some((taken) => sameRow(taken, other))).slice(0, MAX_SHOWN);
  return { kind: 'found', match, runnersUp, conflicts: elsewhere };
}

function matches(
  sources: readonly EntitySource[],
  reason: MatchReason,
  fits: (entity: Entity) => boolean,
): EntityMatch[] {
  return sources.flatMap(({ server, priority, entities }) =>
    entities.filter(fits).map((entity) => ({ server, priority, entity, score: 1, reason })),
  );
}

function nearest(key: string, sources: readonly EntitySource[]): EntityMatch[] {
  const rows = sources.flatMap(({ server, priority, entities }) =>
    entities.map((entity) => ({ server, priority, entity, key: nameKey(entity.name).slice(0, MAX_QUERY) })),
  );
  const fuse = new Fuse(rows, { keys: ['key'], includeScore: true, ignoreLocation: true, threshold: 0.6 });
  return fuse
    .search(key)
    .map(({ item: { server, priority, entity }, score = 1 }) => ({
      server,
      priority,
      entity,
      score: Math.round((1 - score) * 100) / 100,
      reason: 'fuzzy' as const,
    }))
    .sort((a, b) => b.score - a.score || a.priority - b.priority);
}

const sameName = (a: string, b: string): boolean => nameKey(a) === nameKey(b);
/** Two servers' entities are taken for the same one by name; where ids differ as well, that is what the conflict says. */
const alike = (a: Entity, b: Entity): boolean => sameName(a.name, b.name);
const sameRow = (a: EntityMatch, b: EntityMatch): boolean => a.server === b.server && a.entity === b.entity;
