/** What Omie allows one address, and what of it is handed out (ADR 0014). */
export interface CallLimits {
  /** A second over the minute: Omie stamps a call when it arrives, which may be later than we sent it. */
  readonly windowMs: number;
  readonly perAddress: number;
  readonly perLane: number;
  readonly parallel: number;
  /** From here on a company may not go beyond an equal share of the address, one place kept for a newcomer. */
  readonly shareFrom: number;
}

/** Omie's own figures: 960 a minute and address, 240 a minute and 4 at once for an application and method. */
export const OMIE_LIMITS: CallLimits = {
  windowMs: 61_000,
  perAddress: 960,
  perLane: 240,
  parallel: 4,
  shareFrom: 768,
};

/**
 * What replicas that hear each other use. The twentieth kept back pays for the calls that others had begun in the last
 * second before the database went away, which nobody could hear of any more.
 */
export const SHARED_LIMITS: CallLimits = { ...OMIE_LIMITS, perAddress: 912, perLane: 228, shareFrom: 720 };
