import type { ServerResponse } from 'node:http';

/** Idle proxies cut silent streams, most after 30 or 60 seconds. */
export const KEEP_ALIVE_MS = 15_000;

/** A client that stops reading is dropped at this many unsent bytes: the answers wait in our memory otherwise. */
export const MAX_UNSENT_BYTES = 8 * 1024 * 1024;

/** Writes an SSE comment to every open stream now and then: one timer for all, and none while nothing is open. */
export class KeepAlive {
  readonly #streams = new Set<ServerResponse>();
  readonly #everyMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(everyMs: number = KEEP_ALIVE_MS) {
    this.#everyMs = everyMs;
  }

  add(res: ServerResponse): void {
    this.#streams.add(res);
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
    for (const res of this.#streams) {
      if (res.writableLength > MAX_UNSENT_BYTES) res.destroy();
      else res.write(': keepalive\n\n');
    }
  }
}
