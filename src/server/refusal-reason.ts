/** Why a request was turned away before anything ran. A closed list: it labels a metric. */
export const refusalReasons = [
  /** Host, or the host of the request's target, not allowed; or given twice. */
  'host',
  'origin',
  /** No token, a bad one, or two. */
  'auth',
  /** Too many bad tokens from one address. */
  'login',
  /** Over the requests a minute of a principal or an address. */
  'rate',
  /** Too many unknown session ids from one address. */
  'guess',
  /** The process has too much to do. */
  'overload',
  /** A body over the limit. */
  'body',
] as const;

export type RefusalReason = (typeof refusalReasons)[number];
export type OnRefused = (reason: RefusalReason) => void;
