import { randomUUID } from 'node:crypto';
import type { Principal } from '../companies/principal.ts';

/** What the store knows of a session: its name, whether it may be dropped, how to free it. */
export interface StoredSession {
  readonly id: string;
  /** Who opened it, and alone may use it. */
  readonly principal: Principal;
  /** Something is in flight or the client listens. */
  readonly busy: boolean;
  close(): void;
}

export interface SessionStoreOptions {
  readonly cap?: number;
  readonly idleMs?: number;
  readonly clock?: () => number;
}

const DEFAULT_CAP = 1_000;
const DEFAULT_IDLE_MS = 30 * 60_000;
const MAX_SWEEP_MS = 60_000;

/** The sessions of one transport in this process. Idle ones go after half an hour, the oldest idle one when it gets full. */
export class SessionStore<S extends StoredSession> {
  readonly #sessions = new Map<string, { readonly session: S; lastSeen: number }>();
  readonly #cap: number;
  readonly #idleMs: number;
  readonly #clock: () => number;
  readonly #timer: NodeJS.Timeout;

  constructor({ cap = DEFAULT_CAP, idleMs = DEFAULT_IDLE_MS, clock = Date.now }: SessionStoreOptions = {}) {
    this.#cap = cap;
    this.#idleMs = idleMs;
    this.#clock = clock;
    this.#timer = setInterval(() => this.sweep(), Math.min(idleMs, MAX_SWEEP_MS)).unref();
  }

  /** Ids cannot be guessed ("Session Management": globally unique and cryptographically secure). */
  newId(): string {
    return randomUUID();
  }

  /** False when the store is full of busy sessions: the newcomer must come again later. */
  add(session: S): boolean {
    if (this.#sessions.size >= this.#cap && !this.#evictOldestIdle()) return false;
    this.#sessions.set(session.id, { session, lastSeen: this.#clock() });
    return true;
  }

  /**
   * The principal's session of that id, which counts as a sign of life. One of somebody else is as unknown as one that
   * never was: its id must not be worth stealing, nor its existence worth asking for.
   */
  find(id: string, principal: Principal): S | undefined {
    const entry = this.#sessions.get(id);
    if (entry === undefined || entry.session.principal !== principal) return undefined;
    entry.lastSeen = this.#clock();
    return entry.session;
  }

  /** Forgets a session and frees what it holds. */
  remove(id: string): void {
    const entry = this.#sessions.get(id);
    if (entry === undefined) return;
    this.#sessions.delete(id);
    entry.session.close();
  }

  /** Forgets every session of a principal whose rights have ended, streams and calls in progress included. */
  removeOf(principal: Principal): void {
    for (const [id, { session }] of this.#sessions) if (session.principal === principal) this.remove(id);
  }

  *[Symbol.iterator](): IterableIterator<S> {
    for (const { session } of this.#sessions.values()) yield session;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Drops the sessions nobody used for too long. Their clients get a 404 next time and begin anew. */
  sweep(): void {
    const oldest = this.#clock() - this.#idleMs;
    for (const [id, { session, lastSeen }] of this.#sessions) {
      if (lastSeen <= oldest && !session.busy) this.remove(id);
    }
  }

  close(): void {
    clearInterval(this.#timer);
    for (const id of [...this.#sessions.keys()]) this.remove(id);
  }

  #evictOldestIdle(): boolean {
    let oldest: { id: string; lastSeen: number } | undefined;
    for (const [id, { session, lastSeen }] of this.#sessions) {
      if (!session.busy && (oldest === undefined || lastSeen < oldest.lastSeen)) oldest = { id, lastSeen };
    }
    if (oldest !== undefined) this.remove(oldest.id);
    return oldest !== undefined;
  }
}
