import type { Candidate } from './finder.ts';

/**
 * One candidate for each repository that was found in both places: what the registry says of it, and what GitHub knows
 * besides. A repository of many servers stays as many as the registry names; the bare repository is then none of them.
 */
export function merge(registry: readonly Candidate[], github: readonly Candidate[]): readonly Candidate[] {
  const byRepository = new Map(github.map((one) => [one.repository, one]));
  const named = new Set<string>();
  const merged = registry.map((one): Candidate => {
    const base = one.repository?.split('/').slice(0, 2).join('/');
    const other = base === undefined ? undefined : byRepository.get(base);
    if (base === undefined || other === undefined) return one;
    named.add(base);
    const methods = new Set(one.waysToRun.map(({ method }) => method));
    // Files at the root say nothing of a server in a folder of it.
    const more = one.repository === base ? other.waysToRun.filter(({ method }) => !methods.has(method)) : [];
    return {
      ...one,
      origin: `${one.origin}+${other.origin}`,
      description: one.description === '' ? other.description : one.description,
      updatedAt: later(one.updatedAt, other.updatedAt),
      stars: other.stars,
      archived: other.archived,
      waysToRun: [...one.waysToRun, ...more],
    };
  });
  return [...merged, ...github.filter(({ repository }) => repository === undefined || !named.has(repository))];
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Date.parse(a) >= Date.parse(b) ? a : b;
}
