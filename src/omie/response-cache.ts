/**
 * Remembers replies. Omie refuses the same question inside 60 seconds and counts the refusal toward a block of half an
 * hour, so answering repeats from here is a matter of correctness before it is one of speed.
 */

import { LRUCache } from 'lru-cache';
import { CancelledError } from '../errors.ts';
import { CallStop, type StopSignal } from '../stop-signal.ts';
import type { Clock } from './clock.ts';

/** From the arrival of the reply; a second over Omie's minute, since its clock started when the request came in. */
export const REPLY_TTL_MS = 61_000;
/** An older answer still serves when Omie calls the question redundant (another program asked it with the same keys). */
export const STALE_MS = 180_000;
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

interface Flight<T> {
  readonly promise: Promise<CachedReply<T>>;
  readonly stop: CallStop;
  waiters: number;
}

export type Origin = 'fetched' | 'cached' | 'shared';

export class ResponseCache<T extends object> {
  readonly #clock: Clock;
  readonly #replies = new LRUCache<string, CachedReply<T>>({
    // The number is held down by a least size: for a `max`, lru-cache would lay out room for all of them at the start.
    maxSize: MAX_BYTES,
    sizeCalculation: (reply) => Math.max(LEAST_BYTES, Math.ceil(reply.bytes)),
  });
  readonly #flights = new Map<string, Flight<T>>();
  /** Of all that is in flight, the forgotten too. */
  readonly #stops = new Set<CallStop>();
  #closed = false;
  #hits = 0;
  #misses = 0;
  #shared = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * The fresh reply, or the one in flight, or a new one. A waiter that aborts gets `CancelledError` and leaves the others
   * waiting; when the last one leaves, the request itself is aborted. Failures are not remembered.
   */
  async get(
    key: string,
    signal: StopSignal | undefined,
    fetchReply: (signal: StopSignal) => Promise<CachedReply<T>>,
  ): Promise<{ value: T; origin: Origin }> {
    if (this.#closed || signal?.aborted) throw new CancelledError();
    const known = this.recall(key, (value) => value);
    if (known !== undefined) return { value: known, origin: 'cached' };
    const underWay = this.#flights.get(key);
    if (underWay !== undefined) {
      this.#shared += 1;
      return { value: (await this.#wait(key, underWay, signal)).value, origin: 'shared' };
    }
    this.#misses += 1;
    const flight = this.#launch(key, fetchReply);
    return { value: (await this.#wait(key, flight, signal)).value, origin: 'fetched' };
  }

  /** What `read` makes of the fresh reply: a hit. Undefined, and nothing counted, when there is none or it has no use for it. */
  recall<R>(key: string, read: (value: T) => R | undefined): R | undefined {
    const known = this.#replies.get(key);
    if (known === undefined || this.#clock.now() - known.arrivedAt >= REPLY_TTL_MS) return undefined;
    const made = read(known.value);
    if (made !== undefined) this.#hits += 1;
    return made;
  }

  /** A reply that is past its time but young enough to stand in for a refused repeat. */
  stale(key: string): CachedReply<T> | undefined {
    const known = this.#replies.get(key);
    return known !== undefined && this.#clock.now() - known.arrivedAt < STALE_MS ? known : undefined;
  }

  /** Forgets the replies whose key starts so; what is in flight lands unremembered. */
  forget(prefix: string): void {
    for (const key of [...this.#replies.keys()]) if (key.startsWith(prefix)) this.#replies.delete(key);
    for (const key of [...this.#flights.keys()]) if (key.startsWith(prefix)) this.#flights.delete(key);
  }

  /** Ends what is in flight; nothing starts after it. */
  close(): void {
    this.#closed = true;
    for (const stop of this.#stops) stop.abort();
  }

  get stats(): { hits: number; misses: number; shared: number } {
    return { hits: this.#hits, misses: this.#misses, shared: this.#shared };
  }

  #launch(key: string, fetchReply: (signal: StopSignal) => Promise<CachedReply<T>>): Flight<T> {
    const stop = new CallStop();
    const flight: Flight<T> = { stop, waiters: 0, promise: fetchReply(stop) };
    this.#flights.set(key, flight);
    this.#stops.add(stop);
    flight.promise.then(
      (reply) => {
        this.#stops.delete(stop);
        if (this.#land(key, flight)) this.#replies.set(key, reply);
      },
      () => {
        this.#stops.delete(stop);
        this.#land(key, flight);
      },
    );
    return flight;
  }

  #land(key: string, flight: Flight<T>): boolean {
    return this.#flights.get(key) === flight && this.#flights.delete(key);
  }

  async #wait(key: string, flight: Flight<T>, signal: StopSignal | undefined): Promise<CachedReply<T>> {
    flight.waiters += 1;
    try {
      return signal === undefined ? await flight.promise : await untilAborted(flight.promise, signal);
    } finally {
      flight.waiters -= 1;
      // The abort of a settled request does nothing.
      if (flight.waiters === 0 && this.#land(key, flight)) flight.stop.abort();
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
