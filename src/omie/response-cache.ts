/**
 * Remembers replies. Omie refuses the same question inside 60 seconds and counts the refusal toward a block of half an
 * hour, so answering repeats from here is a matter of correctness before it is one of speed.
 *
 * A company that leaves the file and comes back finds its replies: Omie has not forgotten that it was asked. Whoever asks with
 * another secret does not, for it may be a wrong one: Omie decides. Not even when it calls the question redundant: nothing says
 * that it looks at the secret before it does so.
 */

import { LRUCache } from 'lru-cache';
import { CancelledError } from '../errors.ts';
import { CallStop, type StopSignal } from '../stop-signal.ts';
import type { Clock } from './clock.ts';

/** From the arrival of the reply; a second over Omie's minute, since its clock started when the request came in. */
export const REPLY_TTL_MS = 61_000;
/** An older answer still serves when Omie calls the question redundant (another program asked it with the same keys). */
export const STALE_MS = 180_000;
/** After its company left; a request that was in flight then has landed, and its reply is past use as well. */
const CLEAR_AFTER_MS = STALE_MS + 60_000;
const MAX_BYTES = 128 * 1_048_576;
/** What a reply counts for at least, so that there are never more than 20,000. */
const LEAST_BYTES = Math.ceil(MAX_BYTES / 20_000);

export interface CachedReply<T> {
  readonly value: T;
  /** Approximate memory, in bytes. */
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly arrivedAt: number;
}

interface Kept<T> {
  readonly owner: string;
  readonly reply: CachedReply<T>;
}

interface Flight<T> {
  readonly promise: Promise<CachedReply<T>>;
  readonly stop: CallStop;
  waiters: number;
}

export type Origin = 'fetched' | 'cached' | 'shared';

export class ResponseCache<T extends object> {
  readonly #clock: Clock;
  readonly #replies = new LRUCache<string, Kept<T>>({
    // The number is held down by a least size: for a `max`, lru-cache would lay out room for all of them at the start.
    maxSize: MAX_BYTES,
    sizeCalculation: ({ reply }) => Math.max(LEAST_BYTES, Math.ceil(reply.bytes)),
  });
  readonly #flights = new Map<string, Flight<T>>();
  readonly #stops = new Set<CallStop>();
  readonly #clearings = new Set<() => void>();
  #closed = false;
  #hits = 0;
  #misses = 0;
  #shared = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The fresh reply, or the one in flight, or a new one. A waiter that aborts gets `CancelledError` and leaves the others
   * waiting; when the last one leaves, the request itself is aborted. Failures are not remembered. Nobody gets the fresh reply,
   * nor the request, of another owner.
   */
  async get(
    key: string,
    owner: string,
    signal: StopSignal | undefined,
    fetchReply: (signal: StopSignal) => Promise<CachedReply<T>>,
  ): Promise<{ value: T; origin: Origin }> {
    if (this.#closed || signal?.aborted) throw new CancelledError();
    const known = this.recall(key, owner, (value) => value);
    if (known !== undefined) return { value: known, origin: 'cached' };
    const flightKey = `${owner} ${key}`;
    const underWay = this.#flights.get(flightKey);
    if (underWay !== undefined) {
      this.#shared += 1;
      return { value: (await this.#wait(flightKey, underWay, signal)).value, origin: 'shared' };
    }
    this.#misses += 1;
    const flight = this.#launch(key, owner, flightKey, fetchReply);
    return { value: (await this.#wait(flightKey, flight, signal)).value, origin: 'fetched' };
  }

  /** What `read` makes of the fresh reply: a hit. Undefined, and nothing counted, when there is none or it has no use for it. */
  recall<R>(key: string, owner: string, read: (value: T) => R | undefined): R | undefined {
    const known = this.#replies.get(key);
    if (known === undefined || known.owner !== owner || this.#ageOf(known) >= REPLY_TTL_MS) return undefined;
    const made = read(known.reply.value);
    if (made !== undefined) this.#hits += 1;
    return made;
  }

  /** The owner's reply that is past its time but young enough to stand in for a refused repeat. */
  stale(key: string, owner: string): CachedReply<T> | undefined {
    const known = this.#replies.get(key);
    return known !== undefined && known.owner === owner && this.#ageOf(known) < STALE_MS ? known.reply : undefined;
  }

  /** The company of the keys that start so may not come back: what of it is past use goes by itself, four minutes from now. */
  letGo(prefix: string): void {
    const callOff = this.#clock.after(CLEAR_AFTER_MS, () => {
      this.#clearings.delete(callOff);
      for (const [key, kept] of [...this.#replies.entries()]) {
        if (key.startsWith(prefix) && this.#ageOf(kept) >= STALE_MS) this.#replies.delete(key);
      }
    });
    this.#clearings.add(callOff);
  }

  /** Ends what is in flight; nothing starts after it. */
  close(): void {
    this.#closed = true;
    for (const stop of this.#stops) stop.abort();
    for (const callOff of this.#clearings) callOff();
  }

  /** Replies remembered, used or not. */
  get size(): number {
    return this.#replies.size;
  }

  get stats(): { hits: number; misses: number; shared: number } {
    return { hits: this.#hits, misses: this.#misses, shared: this.#shared };
  }

  #ageOf({ reply }: Kept<T>): number {
    return this.#clock.now() - reply.arrivedAt;
  }

  #launch(
    key: string,
    owner: string,
    flightKey: string,
    fetchReply: (signal: StopSignal) => Promise<CachedReply<T>>,
  ): Flight<T> {
    const stop = new CallStop();
    const flight: Flight<T> = { stop, waiters: 0, promise: fetchReply(stop) };
    this.#flights.set(flightKey, flight);
    this.#stops.add(stop);
    flight.promise.then(
      (reply) => {
        this.#stops.delete(stop);
        if (this.#land(flightKey, flight)) this.#replies.set(key, { owner, reply });
      },
      () => {
        this.#stops.delete(stop);
        this.#land(flightKey, flight);
      },
    );
    return flight;
  }

  #land(flightKey: string, flight: Flight<T>): boolean {
    return this.#flights.get(flightKey) === flight && this.#flights.delete(flightKey);
  }

  async #wait(flightKey: string, flight: Flight<T>, signal: StopSignal | undefined): Promise<CachedReply<T>> {
    flight.waiters += 1;
    try {
      return signal === undefined ? await flight.promise : await untilAborted(flight.promise, signal);
    } finally {
      flight.waiters -= 1;
      // The abort of a settled request does nothing.
      if (flight.waiters === 0 && this.#land(flightKey, flight)) flight.stop.abort();
    }
  }
}

function untilAborted<T>(promise: Promise<T>, signal: StopSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(new CancelledError());
    signal.addEventListener('abort', giveUp, { once: true });
    promise.then(
      (value) => {
        signal.removeEventListener('abort', giveUp);
        resolve(value);
      },
      (error) => {
        signal.removeEventListener('abort', giveUp);
        reject(error);
      },
    );
  });
}
