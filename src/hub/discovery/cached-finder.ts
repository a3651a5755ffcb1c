import { LRUCache } from 'lru-cache';
import { HubError } from '../problem.ts';
import type { Finder, Found } from './finder.ts';
import { wordsOf } from './plain-text.ts';

export interface CacheTimes {
  /** How long an answer is given again without asking. */
  readonly freshMs: number;
  /** The same for one that was cut short. */
  readonly partialFreshMs: number;
  /** How long it still stands in for a source that fails. */
  readonly usableMs: number;
}

const MAX_KEPT = 200;

/** The same for searches that are the same for every source. */
export const searchKey = (query: string, limit: number): string => `${limit} ${wordsOf(query).join(' ')}`;

/** Remembers answers and says how old they are; an old one is better than none while its source fails. */
export function cachedFinder(finder: Finder, times: CacheTimes, now: () => Date): Finder {
  const { freshMs, partialFreshMs, usableMs } = times;
  const kept = new LRUCache<string, { readonly found: Found; readonly atMs: number }>({ max: MAX_KEPT });
  return {
    origin: finder.origin,
    async find(query, limit, signal) {
      const key = searchKey(query, limit);
      const known = kept.get(key);
      const ageMs = known === undefined ? Number.POSITIVE_INFINITY : now().getTime() - known.atMs;
      if (known !== undefined && ageMs < (known.found.isPartial ? partialFreshMs : freshMs))
        return { ...known.found, ageMs };
      try {
        const found = await finder.find(query, limit, signal);
        kept.set(key, { found, atMs: now().getTime() });
        return found;
      } catch (thrown) {
        if (!(thrown instanceof HubError) || known === undefined || ageMs >= usableMs) throw thrown;
        return { ...known.found, ageMs, notes: [...known.found.notes, `Resposta guardada: ${thrown.message}`] };
      }
    },
  };
}
