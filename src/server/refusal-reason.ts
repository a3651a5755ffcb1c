/** Why a request was turned away before anything ran, as metrics count it. */
export type RefusalReason =
  /** Host not allowed, or given twice. */
  | 'host'
  | 'origin'
  /** No token, or a bad one. */
  | 'auth'
  /** Too many bad tokens from one address. */
  | 'login'
  /** Over the requests a minute of a principal or an address. */
  | 'rate'
  /** Too many unknown session ids from one address. */
  | 'guess'
  /** The process has too much to do. */
  | 'overload'
  /** A body over the limit. */
  | 'body';

export type OnRefused = (reason: RefusalReason) => void;
