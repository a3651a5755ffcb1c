import { CancelledError } from '../../errors.ts';
import { searchKey } from './cached-finder.ts';
import type { Finder, Found } from './finder.ts';

interface Search {
  readonly found: Promise<Found>;
  /** How many wait for it. */
  waiting: number;
  /** Ends it. */
  readonly nobodyWaits: AbortController;
}

/**
 * What several ask for at once is asked for once: a burst of the same search would use up the minute's limit of its source,
 * and half of it would be refused. It goes on until the last of them has left.
 */
export function sharedFinder(finder: Finder): Finder {
  const searches = new Map<string, Search>();
  const begin = (key: string, query: string, limit: number): Search => {
    const nobodyWaits = new AbortController();
    const found = finder.find(query, limit, nobodyWaits.signal);
    const search = { found, waiting: 0, nobodyWaits };
    const over = (): void => {
      if (searches.get(key) === search) searches.delete(key);
    };
    found.then(over, over);
    searches.set(key, search);
    return search;
  };
  return {
    origin: finder.origin,
    async find(query, limit, signal) {
      const key = searchKey(query, limit);
      const search = searches.get(key) ?? begin(key, query, limit);
      search.waiting += 1;
      try {
        return await orLeave(search.found, signal);
      } finally {
        search.waiting -= 1;
        if (search.waiting === 0) {
          // Who comes now begins anew: this one may have ended badly.
          if (searches.get(key) === search) searches.delete(key);
          search.nobodyWaits.abort();
        }
      }
    },
  };
}

/** @throws CancelledError when whoever asks leaves first */
function orLeave<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const leave = (): void => reject(new CancelledError());
    if (signal.aborted) leave();
    else signal.addEventListener('abort', leave, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', leave));
  });
}
