const BASE_MS = 250;
const CAP_MS = 30_000;

/**
 * Milliseconds before the attempt that follows `failures` failed ones (1 or more): doubling up to half a minute, then
 * somewhere in the upper half of it, so that servers that went down together are not all asked in the same instant.
 *
 * @param random in [0, 1)
 */
export function reconnectWaitMs(failures: number, random: number): number {
  const ceiling = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(Math.max(failures, 1) - 1, 30));
  return Math.round(ceiling * (0.5 + random / 2));
}

/**
 * The same for connecting at the start, which ends: undefined once `orchestration.max_retries` attempts were made beyond
 * the first. After that the server counts as down and is looked for in the background without end.
 */
export function firstConnectWaitMs(failures: number, maxRetries: number, random: number): number | undefined {
  return failures > maxRetries ? undefined : reconnectWaitMs(failures, random);
}
