import { randomUUID } from 'node:crypto';
import type { Principal } from '../companies/principal.ts';
import type { KeptSession, SessionOwner, SessionShelf } from './session-shelf.ts';
import type { LimitGuesses } from './unknown-session.ts';

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
  /** The name of this process among several behind one proxy; ids begin with it. */
  readonly replica?: string | undefined;
  readonly cap?: number;
  readonly idleMs?: number;
  readonly clock?: () => number;
  readonly limitGuesses?: LimitGuesses;
  /** Where sessions lie so that they outlive the process; nobody but a replica with a name takes up its own again. */
  readonly shelf?: SessionShelf | undefined;
}

const DEFAULT_CAP = 1_000;
const DEFAULT_IDLE_MS = 30 * 60_000;
const MAX_SWEEP_MS = 60_000;

/** The sessions of one transport in this process. Idle ones go after half an hour, the oldest idle one when it gets full. */
export class SessionStore<S extends StoredSession> {
  /** What to ask before somebody is told that a session does not exist. */
  readonly limitGuesses: LimitGuesses | undefined;
  readonly #sessions = new Map<string, { readonly session: S; lastSeen: number }>();
  readonly #prefix: string;
  readonly #shelf: SessionShelf | undefined;
  readonly #cap: number;
  readonly #idleMs: number;
  readonly #clock: () => number;
  readonly #timer: NodeJS.Timeout;

  constructor({
    replica,
    cap = DEFAULT_CAP,
    idleMs = DEFAULT_IDLE_MS,
    clock = Date.now,
    limitGuesses,
    shelf,
  }: SessionStoreOptions = {}) {
    this.#prefix = replica === undefined ? '' : `${replica}.`;
    this.limitGuesses = limitGuesses;
    // A session may live in one process at a time: only a name says, to the proxy and here, in which.
    this.#shelf = replica === undefined ? undefined : shelf;
    this.#cap = cap;
    this.#idleMs = idleMs;
    this.#clock = clock;
    this.#timer = setInterval(() => this.sweep(), Math.min(idleMs, MAX_SWEEP_MS)).unref();
  }

  /**
   * Ids cannot be guessed ("Session Management": globally unique and cryptographically secure). A replica's name goes
   * first, as in `hub-a.<uuid>`: the proxy reads from it where the session lives. The dot needs no escape in a query.
   */
  newId(): string {
    return this.#prefix + randomUUID();
  }

  /**
   * False when the store is full of busy sessions: the newcomer must come again later. In a full store the principal
   * with the most sessions makes room first, so that no one of many can push the others out.
   */
  add(session: S): boolean {
    if (this.#sessions.size >= this.#cap && !this.#makeRoomFor(session.principal)) return false;
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

  /** True when sessions may outlive this process. */
  get lasting(): boolean {
    return this.#shelf !== undefined;
  }

  /** Writes down what a new session is made of. */
  keep({ id, principal }: S, record: () => string): void {
    this.#shelf?.keep(ownerOf(id, principal), record());
  }

  /** What a session of this process was made of before a restart; undefined at once when it cannot be one. */
  kept(id: string, principal: Principal): Promise<KeptSession | undefined> | undefined {
    if (this.#shelf === undefined || !id.startsWith(this.#prefix)) return undefined;
    return UUID.test(id.slice(this.#prefix.length)) ? this.#shelf.find(ownerOf(id, principal)) : undefined;
  }

  /** Whether a session that was found is still there. */
  has(session: S): boolean {
    return this.#sessions.get(session.id)?.session === session;
  }

  /** Forgets a session and frees what it holds. */
  remove(id: string): void {
    const session = this.#drop(id);
    if (session !== undefined) this.#shelf?.forget(ownerOf(id, session.principal));
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

  /** The process ends; sessions on the shelf do not. */
  close(): void {
    clearInterval(this.#timer);
    for (const id of [...this.#sessions.keys()]) this.#drop(id);
  }

  #drop(id: string): S | undefined {
    const entry = this.#sessions.get(id);
    this.#sessions.delete(id);
    entry?.session.close();
    return entry?.session;
  }

  #makeRoomFor(newcomer: Principal): boolean {
    const counts = new Map<Principal, number>();
    for (const { session } of this.#sessions.values()) {
      counts.set(session.principal, (counts.get(session.principal) ?? 0) + 1);
    }
    let victim: { id: string; busy: boolean; count: number; lastSeen: number } | undefined;
    for (const [id, { session, lastSeen }] of this.#sessions) {
      const count = counts.get(session.principal) ?? 0;
      // A stream in use is cut only where one principal holds more than half of everything and another finds no place.
      if (session.busy && (count <= this.#cap / 2 || session.principal === newcomer)) continue;
      const candidate = { id, busy: session.busy, count, lastSeen };
      if (victim === undefined || goesBefore(candidate, victim)) victim = candidate;
    }
    if (victim !== undefined) this.remove(victim.id);
    return victim !== undefined;
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const ownerOf = (sessionId: string, principal: Principal): SessionOwner => ({ principalId: principal.id, sessionId });

interface Candidate {
  readonly busy: boolean;
  /** How many sessions its principal has. */
  readonly count: number;
  readonly lastSeen: number;
}

function goesBefore(a: Candidate, b: Candidate): boolean {
  if (a.busy !== b.busy) return !a.busy;
  return a.count === b.count ? a.lastSeen < b.lastSeen : a.count > b.count;
}
