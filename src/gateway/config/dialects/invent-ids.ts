import { OMIE_DOMAIN } from '../../naming/domain.ts';
import { foldedId, isGoodId } from '../cross-checks.ts';

export interface Invention {
  readonly id: string;
  /** The original name, when it cannot be an id. */
  readonly name?: string;
  readonly domains: readonly [string];
}

/**
 * Ids and domains for servers of a file that has only free names; of the names alone, not their order:
 * an object lists names that look like numbers first, wherever they were.
 */
export function inventIds(keys: readonly string[]): ReadonlyMap<string, Invention> {
  const ids = new Set<string>();
  const domains = new Set<string>();
  return new Map(
    [...keys].sort().map((key) => {
      const id = unused(isGoodId(key) ? key : slug(key), 64, (text) => !ids.has(foldedId(text)));
      ids.add(foldedId(id));
      const domain = unused(domainFor(id), 16, (text) => !domains.has(text) && text !== OMIE_DOMAIN);
      domains.add(domain);
      return [key, { id, ...(id === key ? {} : { name: key.slice(0, 4_096) || id }), domains: [domain] }];
    }),
  );
}

function unused(text: string, max: number, free: (text: string) => boolean): string {
  for (let number = 1; ; number += 1) {
    const suffix = number === 1 ? '' : `-${number}`;
    const candidate = text.slice(0, max - suffix.length) + suffix;
    if (free(candidate)) return candidate;
  }
}

function slug(key: string): string {
  const plain = key
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/_{2,}/g, '_')
    .replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  return isGoodId(plain.slice(0, 64)) ? plain.slice(0, 64) : 'servidor';
}

function domainFor(id: string): string {
  const plain = id
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+/, '');
  return plain.slice(0, 16).replace(/-+$/, '') || 'servidor';
}
