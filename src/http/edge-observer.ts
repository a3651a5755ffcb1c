/** Why a request was turned away at the edge. A closed list: it labels a metric. */
export const refusalReasons = [
  'host_or_origin',
  'unauthenticated',
  'forbidden',
  'rate_limited',
  'login_limited',
  'overloaded',
  'draining',
] as const;
export type RefusalReason = (typeof refusalReasons)[number];

/** What is told of requests that were not served. */
export interface EdgeObserver {
  /** Turned away before anything ran: no token, a foreign host, too many requests, … */
  refused(reason: RefusalReason): void;
  /** Any response of 400 and above. */
  failed(status: number): void;
}
