import type { ServerResponse } from 'node:http';

/** Idle proxies cut silent streams, most after 30 or 60 seconds. */
export const KEEP_ALIVE_MS = 15_000;

/** A client that stops reading is dropped at this many unsent bytes: the answers wait in our memory otherwise. */
export const MAX_UNSENT_BYTES = 8 * 1024 * 1024;

/** An ended response whose reader took nothing for this many ticks is given up: what waits for it is our memory. */
const MAX_STUCK_TICKS = 4;

/** How an ended response is getting on: what was unsent at the last tick, and for how many ticks that has not changed. */
interface Flushing {
  readonly unsent: number;
  readonly ticks: number;
}

/** Writes an SSE comment to every open stream now and then: one timer for all, and none while nothing is open. */
export class KeepAlive {
  readonly #streams = new Map<ServerResponse, Flushing | undefined>();
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(everyMs: number = KEEP_ALIVE_MS) {
    this.#everyMs = everyMs;
  }

  add(res: ServerResponse): void {
    this.#streams.set(res, undefined);
    // A stream that breaks tells of it by `close`; an `error` nobody listens to would end the process.
    res.on('error', () => {});
    res.once('close', () => this.remove(res));
    this.#timer ??= setInterval(() => this.#tick(), this.#everyMs).unref();
  }

  remove(res: ServerResponse): void {
    this.#streams.delete(res);
    if (this.#streams.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #tick(): void {
    for (const [res, flushing] of this.#streams) {
      if (res.destroyed) this.remove(res);
      else if (res.writableEnded) this.#watch(res, flushing);
      else if (res.writableLength > MAX_UNSENT_BYTES) res.destroy();
      else res.write(': keepalive\n\n');
    }
  }

  /** Ended but not closed: the rest is on its way to a slow reader, or the reader has stopped reading. */
  #watch(res: ServerResponse, flushing: Flushing | undefined): void {
    const unsent = res.writableLength;
    const ticks = flushing?.unsent === unsent ? flushing.ticks + 1 : 0;
    if (ticks >= MAX_STUCK_TICKS) res.destroy();
    else this.#streams.set(res, { unsent, ticks });
  }
}
