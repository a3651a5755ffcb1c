import type { ServerResponse } from 'node:http';
import { type KeepAlive, MAX_UNSENT_BYTES } from '../keep-alive.ts';

const HEADERS = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  // nginx would hold events back until its buffer is full.
  'x-accel-buffering': 'no',
};

/** A response that is an event stream (WHATWG HTML, "Server-sent events"), one JSON-RPC message an event. */
export class EventStream {
  readonly #res: ServerResponse;

  constructor(res: ServerResponse, keepAlive: KeepAlive, headers?: Readonly<Record<string, string>>) {
    this.#res = res;
    res.writeHead(200, headers === undefined ? HEADERS : { ...HEADERS, ...headers });
    // The client must see that the stream is open before the first event comes.
    res.flushHeaders();
    keepAlive.add(res);
  }

  get open(): boolean {
    return !this.#res.writableEnded && !this.#res.destroyed;
  }

  /** JSON text has no line breaks, so one data line is always enough. */
  event(text: string, id?: string): void {
    if (!this.open) return;
    if (this.#res.writableLength > MAX_UNSENT_BYTES) this.#res.destroy();
    else
      this.#res.write(
        id === undefined ? `event: message\ndata: ${text}\n\n` : `event: message\nid: ${id}\ndata: ${text}\n\n`,
      );
  }

  /** An id to resume from before anything happened (2025-11-25, "Streamable HTTP", event with empty data). */
  prime(id: string, retryMs: number): void {
    if (this.open) this.#res.write(`id: ${id}\nretry: ${retryMs}\ndata: \n\n`);
  }

  end(): void {
    if (this.open) this.#res.end();
  }
}
