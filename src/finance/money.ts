/**
 * Money as integer centavos. Omie sends reais as JSON decimals ("1250.5"); adding those as floats drifts, so they become
 * centavos once, on arrival, and reais once, on the way out.
 */
declare const unit: unique symbol;

/** A whole number of centavos, within ±{@link MAX_CENTAVOS}. */
export type Centavos = number & { readonly [unit]: 'centavos' };

/** Ten trillion reais: beyond it two neighbouring centavos could print as the same decimal. */
export const MAX_CENTAVOS = 1_000_000_000_000_000;

export function isCentavos(value: number): value is Centavos {
  return Number.isInteger(value) && Math.abs(value) <= MAX_CENTAVOS && !Object.is(value, -0);
}

function centavos(value: number): Centavos {
  const whole = value === 0 ? 0 : value;
  if (!isCentavos(whole)) throw new RangeError(`not an amount in centavos: ${value}`);
  return whole;
}

export const ZERO: Centavos = centavos(0);

/**
 * Reais to centavos, halves away from zero: what is below zero is rounded as what is above it.
 * @throws RangeError for NaN, infinities and amounts beyond {@link MAX_CENTAVOS}.
 */
export function toCentavos(reais: number): Centavos {
  if (!Number.isFinite(reais)) throw new RangeError(`not an amount in reais: ${reais}`);
  const whole = Math.round(timesHundred(reais));
  return centavos(reais < 0 ? -whole : whole);
}

/** The amount without its sign. Shifting the decimal text is exact where multiplying is not: 1.005 * 100 is 100.49999999999999. */
function timesHundred(reais: number): number {
  const [mantissa, exponent = '0'] = String(Math.abs(reais)).split('e');
  return Number(`${mantissa}e${Number(exponent) + 2}`);
}

/** What a program that adds reais as floats may leave behind a centavo (0.1 + 0.2), in centavos. */
const FLOAT_NOISE = 0.001;

/** Whether an amount says more than its centavos do, so that {@link toCentavos} changes it: whoever sums it has to say so. */
export function hasMoreThanCentavos(reais: number | null | undefined): boolean {
  if (reais === null || reais === undefined || !Number.isFinite(reais)) return false;
  const shifted = timesHundred(reais);
  return Math.abs(shifted - Math.round(shifted)) > FLOAT_NOISE;
}

/** The amount as the wire gave it, or undefined when it is missing or no amount at all. Never a guess. */
export function readCentavos(reais: number | null | undefined): Centavos | undefined {
  if (reais === null || reais === undefined) return undefined;
  try {
    return toCentavos(reais);
  } catch {
    return undefined;
  }
}

/** Reais as a number that prints with at most two decimals, e.g. 125050 → 1250.5. */
export function toReais(amount: Centavos): number {
  return amount / 100;
}

/** @throws RangeError when the sum leaves the range in which centavos are exact. */
export function sumCentavos(amounts: Iterable<Centavos>): Centavos {
  let total = 0;
  for (const amount of amounts) total = centavos(total + amount);
  return centavos(total);
}

/** @throws RangeError as {@link sumCentavos}. */
export function minus(left: Centavos, right: Centavos): Centavos {
  return centavos(left - right);
}
