/**
 * What several replicas of this server share. One process alone needs none of it: memory says the same. Several share it
 * through PostgreSQL (`postgres/`), and when the database is away each goes on by itself with a part of the budgets.
 *
 * Names that cross this border (companies, lanes, questions) are opaque: whoever hands them over has hashed them.
 */

/** One call that wants to leave for Omie. */
export interface CallRequest {
  readonly company: string;
  /** Application and method together: what Omie counts 240 a minute and four at once for. */
  readonly lane: string;
  /** What the company's owner allows it a minute, over all addresses; undefined leaves Omie's own limits. */
  readonly perMinute: number | undefined;
  /** Calls of this lane that may be in flight now, 1 to 4, this one included. */
  readonly parallel: number;
  /** The longest the call can take, in milliseconds: the place comes back by itself after it. */
  readonly holdMs: number;
}

export type CallGrant =
  | { readonly kind: 'granted'; readonly ticket: string }
  /** `busy`: another call must end first, at `waitMs` at the latest; otherwise not before `waitMs`. */
  | { readonly kind: 'later'; readonly waitMs: number; readonly busy: boolean };

/** Omie's budgets for one address. Never throws: what it cannot ask, it answers from its own share. */
export interface CallBudget {
  take(request: CallRequest): Promise<CallGrant>;
  /** `unused`: nothing was sent, so it does not count in any minute. */
  release(ticket: string, unused?: 'unused'): void;
  /** Omie asked for a pause on this lane, whoever calls. */
  pause(lane: string, ms: number): void;
  /** Runs `wake` once, when a call of this lane has ended somewhere; the returned function calls it off. */
  whenFree(lane: string, wake: () => void): () => void;
}

export type ReplyClaim =
  /** Nobody asked this within the minute: the caller does, and then calls `publish` or `drop`. */
  | { readonly kind: 'mine'; readonly lease: string }
  | { readonly kind: 'ready'; readonly body: Buffer; readonly ageMs: number }
  /** Another replica is asking; `waitMs` from now at the latest its lease ends. */
  | { readonly kind: 'busy'; readonly waitMs: number }
  /** The replicas cannot hear each other. */
  | { readonly kind: 'alone' };

/** Replies for the minute in which Omie refuses the same question. Holds bytes that it cannot read. Never throws. */
export interface ReplyExchange {
  /** `holdMs`: the longest the asking can take. */
  claim(question: string, holdMs: number): Promise<ReplyClaim>;
  /** `ageMs`: since the reply arrived; `keepMs`: how long it is good from its arrival. */
  publish(question: string, lease: string, body: Buffer, times: { ageMs: number; keepMs: number }): Promise<void>;
  drop(question: string, lease: string): Promise<void>;
  /** Runs `wake` once, when the question was answered or given up somewhere; the returned function calls it off. */
  whenSettled(question: string, wake: () => void): () => void;
}

/** Small things of a session that survive a restart, e.g. the domains it selected. Bound to whoever owns the session. */
export interface SharedStore {
  get(principal: string, key: string): Promise<string | undefined>;
  /** Several values as they were at one moment, in the order of the keys. */
  getMany(principal: string, keys: readonly string[]): Promise<(string | undefined)[]>;
  /** @throws RangeError for a value beyond {@link MAX_VALUE_BYTES} or a time to live that is not positive. */
  set(principal: string, key: string, value: string, ttlMs: number): Promise<void>;
  /** Like `set`, but now or not at all: false when the value could not be kept, and then nothing has changed here. */
  setNow(principal: string, key: string, value: string, ttlMs: number): Promise<boolean>;
  delete(principal: string, key: string): Promise<void>;
  /** The value that all replicas have under this name: the first proposal made. Undefined while they cannot be asked. */
  agree(name: string, proposal: string): Promise<string | undefined>;
}

export const MAX_VALUE_BYTES = 65_536;

/** How long what belongs to a session is kept from when it was last written: a working day and its night. */
export const MAX_SESSION_MS = 24 * 3_600_000;

/** What a replica may have changed that the others show too. */
export const topics = ['credentials', 'gateway'] as const;
export type Topic = (typeof topics)[number];

export interface Coordination {
  /** What Omie must not notice of there being several; undefined with one process, whose own memory is the whole truth. */
  readonly omie: { readonly calls: CallBudget; readonly replies: ReplyExchange } | undefined;
  readonly store: SharedStore;
  /** Tells the other replicas, not this one. */
  announce(topic: Topic): void;
  /** Called when another replica announced, and after a silence in which it may have. */
  onAnnounced(listener: (topic: Topic) => void): void;
  /** Why the replicas do not hear each other, Portuguese, without an address; undefined when all is well. */
  problem(): string | undefined;
  close(): Promise<void>;
}
