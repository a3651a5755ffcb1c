/**
 * Maps with at most `concurrency` calls at a time; results keep the order of the items. The first failure is thrown and
 * no further item is started.
 */
export async function mapBounded<T, R>(
  items: readonly T[],
  concurrency: number,
  map: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = new Map<number, R>();
  const waiting = items.entries();
  let stopped = false;
  const worker = async (): Promise<void> => {
    // The iterator is shared: each worker takes the next item nobody has taken.
    for (const [index, item] of waiting) {
      if (stopped) return;
      try {
        results.set(index, await map(item));
      } catch (error) {
        stopped = true;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(Math.max(1, concurrency), items.length) }, worker));
  return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
