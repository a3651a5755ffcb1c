import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../companies/principal.ts';
import type { CatalogChange } from '../server/catalog.ts';
import { BAD_REQUEST, INVALID_REQUEST, PARSE_ERROR } from '../server/json-rpc.ts';
import { DuplexConnection } from './duplex-connection.ts';
import { type Refusal, refuse } from './http-reply.ts';
import { MAX_UNSENT_BYTES } from './keep-alive.ts';
import type { SessionParts } from './session-parts.ts';
import { MAX_BODY_BYTES, readBody } from './streamable/read-body.ts';
import { header, isJson } from './streamable/request-headers.ts';
import { isAmbiguous, isMessage } from './streamable/top-level-keys.ts';

const NOT_JSON: Refusal = { status: 400, code: BAD_REQUEST, message: 'Content-Type must be application/json' };
const TOO_LARGE: Refusal = {
  status: 413,
  code: BAD_REQUEST,
  message: `Payload Too Large: a message must not exceed ${MAX_BODY_BYTES} bytes`,
  // What was not read of the body would be taken for the next request.
  headers: { connection: 'close' },
};
const UNPARSABLE: Refusal = { status: 400, code: PARSE_ERROR, message: 'Parse error: Invalid JSON' };
const INVALID: Refusal = { status: 400, code: INVALID_REQUEST, message: 'Invalid message' };

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

  constructor(id: string, parts: SessionParts, principal: Principal, res: ServerResponse) {
    this.id = id;
    this.principal = principal;
    this.#res = res;
    this.#connection = new DuplexConnection(parts, principal, (text) => this.#write(text));
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

  /** A POST: accepted here, answered on the stream. */
  receive(req: IncomingMessage, res: ServerResponse): void {
    if (!isJson(header(req, 'content-type'))) {
      refuse(res, NOT_JSON);
      return;
    }
    readBody(req, (text) => {
      if (text === undefined) refuse(res, TOO_LARGE);
      else this.#message(text, res);
    });
  }

  announce(change: CatalogChange): void {
    this.#connection.announce(change);
  }

  close(): void {
    this.#connection.close().catch(() => {});
    this.#res.end();
  }

  #message(text: string, res: ServerResponse): void {
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      refuse(res, UNPARSABLE);
      return;
    }
    if (!isMessage(message) || isAmbiguous(text, message)) {
      refuse(res, INVALID);
      return;
    }
    res.writeHead(202).end('Accepted');
    this.#connection.receive(message);
  }

  #write(text: string): void {
    if (this.#res.writableEnded || this.#res.destroyed) return;
    if (this.#res.writableLength > MAX_UNSENT_BYTES) this.#res.destroy();
    else this.#res.write(`event: message\ndata: ${text}\n\n`);
  }
}
