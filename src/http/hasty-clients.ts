import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** What the first refusal on a connection says, and what the ones after it say at most. */
const firstSeconds = 1;
const mostSeconds = 8;
/** Whoever was not turned away for so long begins anew. */
const forgottenAfterMs = 20_000;

/** A connection on which somebody was turned away. */
interface Refused {
  seconds: number;
  at: number;
  /** Ends the pause that it is in. */
  resume?: (() => void) | undefined;
}

export interface HastyClientsOptions {
  /** Milliseconds of a clock that only runs forward. */
  readonly now?: () => number;
  /** Calls back after so many milliseconds, unless what it gives is called before. */
  readonly after?: (ms: number, then: () => void) => () => void;
  readonly random?: () => number;
}

/**
 * Clients that ask again before the time they were told. To refuse them each time would take the processor from those who
 * were let in, so the connection of somebody who was turned away is not read for a while: what it sends waits in the
 * kernel and costs nothing. The while is shorter than the time told, so who waits as told notices nothing, and not the same for
 * all, so that they do not come back in one instant. Each further refusal doubles both. A connection that carries requests
 * of others (a proxy's) is always read: its next request may be somebody else's.
 */
export class HastyClients {
  readonly #now: () => number;
  readonly #after: (ms: number, then: () => void) => () => void;
  readonly #random: () => number;
  readonly #refused = new WeakMap<Socket, Refused>();
  readonly #paused = new Set<() => void>();
  #closed = false;

  constructor({ now = () => performance.now(), after = afterMs, random = Math.random }: HastyClientsOptions = {}) {
    this.#now = now;
    this.#after = after;
    this.#random = random;
  }

  /** A request is turned away: in how many seconds its sender is to come back. */
  refuse(req: IncomingMessage): number {
    const { socket } = req;
    if (this.#closed || isForwarded(req)) return firstSeconds;
    const now = this.#now();
    const refused = this.#refused.get(socket) ?? { seconds: 0, at: now };
    // Requests that were sent in one go are turned away together.
    if (refused.resume !== undefined) return refused.seconds;
    const again = refused.seconds > 0 && now - refused.at < forgottenAfterMs;
    refused.seconds = again ? Math.min(mostSeconds, refused.seconds * 2) : firstSeconds;
    refused.at = now;
    this.#refused.set(socket, refused);
    this.#pause(socket, refused, refused.seconds * 1_000 * (0.5 + 0.5 * this.#random()));
    return refused.seconds;
  }

  /** Reads all of them again, and pauses nobody any more: the server is about to leave. */
  close(): void {
    this.#closed = true;
    for (const resume of this.#paused) resume();
  }

  #pause(socket: Socket, refused: Refused, ms: number): void {
    const resume = (): void => {
      callOff();
      this.#paused.delete(resume);
      refused.resume = undefined;
      // It was not idle, it was not read: after a stall both times may be over at once, and a request that waits be cut.
      if (socket.timeout) socket.setTimeout(socket.timeout);
      socket.resume();
    };
    const callOff = this.#after(ms, resume);
    this.#paused.add(resume);
    refused.resume = resume;
    // When its answer has left, and what came of its body was dropped: either makes node read on.
    setImmediate(() => {
      if (refused.resume === resume) socket.pause();
    });
  }
}

/** What proxies say of themselves. Who says so without being one gains nothing but a quicker refusal. */
function isForwarded({ headers }: IncomingMessage): boolean {
  return headers['x-forwarded-for'] !== undefined || headers.forwarded !== undefined || headers.via !== undefined;
}

function afterMs(ms: number, then: () => void): () => void {
  const timer = setTimeout(then, ms);
  return () => clearTimeout(timer);
}
