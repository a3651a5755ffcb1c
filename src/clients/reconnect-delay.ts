export interface ReconnectPolicy {
  readonly firstDelayMs: number;
  readonly maxDelayMs: number;
}
export const defaultReconnectPolicy: ReconnectPolicy = { firstDelayMs: 500, maxDelayMs: 30_000 };

/**
 * How long to wait before the next attempt: doubling up to the cap, then somewhere in the upper half of it, so that
 * many monitors of one server do not all come back in the same instant. `random` is in [0, 1).
 */
export function reconnectDelayMs(attempt: number, random: number, policy = defaultReconnectPolicy): number {
  const ceiling = Math.min(policy.maxDelayMs, policy.firstDelayMs * 2 ** Math.min(attempt, 30));
  return Math.round(ceiling * (0.5 + random / 2));
}
