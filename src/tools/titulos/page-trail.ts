/** Whether pages asked for one after the other were cut from one and the same list. */
import { createHash } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { Title } from '../../finance/title.ts';

/** A conversation turns pages in minutes; whoever comes back later reads `posicao_em`. */
const REMEMBERED_MS = 1_800_000;
const MAX_WALKS = 5_000;

/** What is said of a page that does not join the one before it. */
export const TORN =
  'A lista mudou desde a página anterior: entre as páginas podem faltar títulos ou haver repetidos. Recomece em pagina=1.';

interface Step {
  readonly list: string;
  readonly torn: boolean;
}

/**
 * Pages are cut anew each time, from whatever Omie says at that moment: when titles come or go in between, or the list grows
 * past what is read whole, page 2 no longer begins where page 1 ended. Kept in this process, for each session, or for each
 * principal where there is none: where another replica answers a page, or two readers with one token and no session turn pages
 * of one question at once, only different `posicao_em` tell.
 */
export class PageTrail {
  readonly #steps = new LRUCache<string, Step>({ max: MAX_WALKS, ttl: REMEMBERED_MS });

  /**
   * @param walk who asks, and what for
   * @param list the list this page is cut from, as {@link markOf} tells lists apart
   * @returns true when an earlier page of the walk was cut from another list
   */
  isTorn(walk: string, page: number, list: string): boolean {
    const before = page === 1 ? undefined : this.#steps.get(`${walk} ${page - 1}`);
    const torn = before !== undefined && (before.torn || before.list !== list);
    this.#steps.set(`${walk} ${page}`, { list, torn });
    return torn;
  }
}

/** The same text for the same titles in the same order. */
export function markOf(titles: readonly Title[]): string {
  return createHash('sha256')
    .update(titles.map(({ id }) => id).join())
    .digest('base64url');
}
