/** The few statistics the report needs. All of them leave their input as it was. */

export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** The middle value, or the mean of the two middle ones. NaN of nothing. */
export function median(values: readonly number[]): number {
  return (quantile(values, 0.5) + upperMedian(values)) / 2;
}

/** The smallest value that at least `share` of the values do not exceed (nearest rank). NaN of nothing. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = ascending(values);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

export function summarise(values: readonly number[]): Summary {
  const sorted = ascending(values);
  return { median: median(sorted), min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

/** How many times `values` is `reference`, median over median: one slow round moves neither. */
export function ratioOfMedians(values: readonly number[], reference: readonly number[]): number {
  return median(values) / median(reference);
}

function upperMedian(values: readonly number[]): number {
  const sorted = ascending(values);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function ascending(values: readonly number[]): number[] {
  return values.toSorted((left, right) => left - right);
}
