/** Conversations of their own for downstream sessions, where the upstream keeps state: nobody sees another's. */

import type { Link } from '../links/link.ts';
import { NotAskedError, UpstreamTimeoutError } from '../links/link-errors.ts';
import { inTime, type Patience } from './in-time.ts';

export const IDLE_SESSION_MS = 600_000;
/** Upstream sessions, or child processes, of one upstream at once. */
const MAX_SESSIONS = 256;

interface Entry {
  readonly link: Promise<Link>;
  /** The same, once it is there. */
  opened: Link | undefined;
  readonly stop: AbortController;
  running: number;
  lastUsed: number;
}

export interface SessionLinksOptions {
  readonly open: (signal: AbortSignal) => Promise<Link>;
  readonly idleMs?: number | undefined;
  readonly max?: number | undefined;
}

export class SessionLinks {
  readonly #options: SessionLinksOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #closing = new Set<Promise<void>>();
  #sweep: NodeJS.Timeout | undefined;

  constructor(options: SessionLinksOptions) {
    this.#options = options;
  }

  get #idleMs(): number {
    return this.#options.idleMs ?? IDLE_SESSION_MS;
  }

  /**
   * Runs `use` with the session's link, opened when there is none. It counts as in use until `use` ends. Who leaves while
   * it is being opened leaves it to the others.
   *
   * @throws NotAskedError when there are too many, UpstreamTimeoutError (not sent), CancelledError, and as the opening does
   */
  async with<T>(sessionId: string, wait: Patience, use: (link: Link) => Promise<T>): Promise<T> {
    const entry = this.#entries.get(sessionId) ?? this.#open(sessionId);
    entry.running += 1;
    try {
      return await use(entry.opened ?? (await inTime(entry.link, wait, late)));
    } finally {
      entry.running -= 1;
      entry.lastUsed = performance.now();
    }
  }

  end(sessionId: string): void {
    const entry = this.#entries.get(sessionId);
    if (entry !== undefined) this.#drop(sessionId, entry);
  }

  /** Ends them all; resolves when every one is closed. */
  async close(): Promise<void> {
    clearInterval(this.#sweep);
    this.#sweep = undefined;
    for (const [id, entry] of this.#entries) this.#drop(id, entry);
    await Promise.all(this.#closing);
  }

  #open(sessionId: string): Entry {
    if (this.#entries.size >= (this.#options.max ?? MAX_SESSIONS)) this.#makeRoom();
    const stop = new AbortController();
    const link = this.#options.open(stop.signal);
    const entry: Entry = { link, opened: undefined, stop, running: 0, lastUsed: performance.now() };
    this.#entries.set(sessionId, entry);
    // A session that the upstream ended, or that never began, is never used again.
    const forget = (): void => {
      if (this.#entries.get(sessionId) === entry) this.#entries.delete(sessionId);
    };
    link.then((opened) => {
      entry.opened = opened;
      opened.closed.then(forget);
    }, forget);
    this.#sweep ??= setInterval(() => this.#evictIdle(), Math.min(30_000, this.#idleMs)).unref();
    return entry;
  }

  #makeRoom(): void {
    const [longest] = [...this.#entries]
      .filter(([, { running }]) => running === 0)
      .sort(([, a], [, b]) => a.lastUsed - b.lastUsed);
    if (longest === undefined) throw new NotAskedError('Sessões demais.');
    this.#drop(...longest);
  }

  #evictIdle(): void {
    const idleMs = this.#idleMs;
    const now = performance.now();
    for (const [id, entry] of this.#entries) {
      if (entry.running === 0 && now - entry.lastUsed >= idleMs) this.#drop(id, entry);
    }
  }

  #drop(sessionId: string, entry: Entry): void {
    this.#entries.delete(sessionId);
    entry.stop.abort();
    const closing = entry.link
      .then(
        (link) => link.close(),
        () => {},
      )
      .catch(() => {})
      .finally(() => this.#closing.delete(closing));
    this.#closing.add(closing);
  }
}

const late = (): Error => new UpstreamTimeoutError('A sessão não abriu a tempo.', { sent: false });
