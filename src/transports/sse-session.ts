import type { ServerResponse } from 'node:http';
import type { Principal } from '../companies/principal.ts';
import type { Fields } from '../protocol/json-rpc.ts';
import type { CatalogChange } from '../server/catalog.ts';
import type { Caller } from '../tools/tool-source.ts';
import { DuplexConnection } from './duplex-connection.ts';
import { MAX_UNSENT_BYTES } from './keep-alive.ts';
import type { SessionParts } from './session-parts.ts';

/**
 * One open `/sse` stream (2024-11-05, "HTTP with SSE"). Answers of the fast lane are text already, and the id must name
 * the replica that holds the stream, neither of which the SDK's transport of 1.x allows for.
 */
export class SseSession {
  /** The stream is open for as long as the session exists, so it is never idle. */
  readonly busy = true;
  readonly id: string;
  readonly principal: Principal;
  readonly #res: ServerResponse;
  readonly #connection: DuplexConnection;

  constructor(id: string, parts: SessionParts, { principal, domains }: Caller, res: ServerResponse) {
    this.id = id;
    this.principal = principal;
    this.#res = res;
    this.#connection = new DuplexConnection(parts, { principal, domains, session: { id } }, 'sse', (text) =>
      this.#write(text),
    );
  }

  /** Tells the client where to post to. */
  open(messagesPath: string): void {
    this.#res.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache, no-transform',
      connection: 'keep-alive',
      'x-accel-buffering': 'no',
    });
    this.#res.write(`event: endpoint\ndata: ${messagesPath}?sessionId=${encodeURIComponent(this.id)}\n\n`);
  }

  /** A message that was posted: it is answered on the stream. */
  receive(message: Fields): void {
    this.#connection.receive(message);
  }

  announce(change: CatalogChange): void {
    this.#connection.announce(change);
  }

  close(): void {
    this.#connection.close();
    this.#res.end();
  }

  #write(text: string): void {
    if (this.#res.writableEnded || this.#res.destroyed) return;
    if (this.#res.writableLength > MAX_UNSENT_BYTES) this.#res.destroy();
    else this.#res.write(`event: message\ndata: ${text}\n\n`);
  }
}
