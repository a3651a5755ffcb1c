import { createHash } from 'node:crypto';
import type { Principal } from '../../companies/principal.ts';
import { exactJson } from '../../protocol/exact-number.ts';
import type { Scope } from '../domains/scope.ts';
import type { MountedItem } from './mount-table.ts';

type Shown = MountedItem & { readonly descriptor: unknown };
type MaySee<T> = (principal: Principal, scope: Scope, item: T) => boolean;

/** What of one list is another than before. */
export interface ChangedItems {
  /** It is the same for everybody. */
  readonly none: boolean;
  /** Whether the principal sees another list than it saw. Its scope is another only where every item came or went. */
  differ(principal: Principal, then: Scope, today: Scope): boolean;
}

export function changedItems<T extends Shown>(
  before: ReadonlyMap<string, T>,
  now: ReadonlyMap<string, T>,
  maySee: MaySee<T>,
): ChangedItems {
  const changed = new Set<string>();
  for (const [name, item] of before) if (!isSame(item, now.get(name))) changed.add(name);
  for (const name of now.keys()) if (!before.has(name)) changed.add(name);
  const isMoved = !sameOrder(before, now);
  // Those that did not change are seen as before; but when some changed places, their order may be another.
  const seen = (items: ReadonlyMap<string, T>, principal: Principal, scope: Scope): string => {
    const texts: string[] = [];
    for (const name of isMoved ? items.keys() : changed) {
      const item = items.get(name);
      if (item !== undefined && maySee(principal, scope, item)) texts.push(digestOf(item).shown);
    }
    return texts.join();
  };
  return {
    none: changed.size === 0 && !isMoved,
    differ: (principal, then, today) => seen(before, principal, then) !== seen(now, principal, today),
  };
}

interface Digest {
  readonly shown: string;
  /** All else that decides who may see it. */
  readonly rights: string;
}

/** Made once an item: it is held against what was before it, and against what comes after. */
const digests = new WeakMap<Shown, Digest>();

function digestOf(item: Shown): Digest {
  const known = digests.get(item);
  if (known !== undefined) return known;
  const { descriptor, candidates, domain } = item;
  const domains = [...new Set(candidates.flatMap((candidate) => candidate.domains))].sort();
  const readOnly = 'ref' in item ? item.ref : undefined;
  const digest = {
    shown: createHash('sha256').update(exactJson(descriptor)).digest('base64'),
    rights: JSON.stringify([domain, domains, readOnly]),
  };
  digests.set(item, digest);
  return digest;
}

function isSame(item: Shown, other: Shown | undefined): boolean {
  if (other === undefined) return false;
  const [one, two] = [digestOf(item), digestOf(other)];
  return one.shown === two.shown && one.rights === two.rights;
}

/** Of those that both have. */
function sameOrder(before: ReadonlyMap<string, unknown>, now: ReadonlyMap<string, unknown>): boolean {
  const stayed = [...now.keys()].filter((name) => before.has(name));
  let at = 0;
  for (const name of before.keys()) {
    if (!now.has(name)) continue;
    if (stayed[at] !== name) return false;
    at += 1;
  }
  return true;
}
