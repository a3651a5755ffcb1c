import type { ServerResponse } from 'node:http';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import type { Principal } from '../companies/principal.ts';
import type { CatalogChange } from '../server/catalog.ts';
import { DuplexConnection } from './duplex-connection.ts';
import { MAX_UNSENT_BYTES } from './keep-alive.ts';
import type { SessionParts } from './session-parts.ts';

/**
 * One open `/sse` stream. The SDK's transport of 1.x shakes hands and judges the messages; answers are written here, as
 * it would write them, because those of the fast lane are text already.
 */
export class SseSession {
  /** The stream is open for as long as the session exists, so it is never idle. */
  readonly busy = true;
  readonly id: string;
  readonly principal: Principal;
  readonly #res: ServerResponse;
  readonly #sdk: SSEServerTransport;
  readonly #connection: DuplexConnection;

  constructor(parts: SessionParts, principal: Principal, res: ServerResponse, messagesPath: string) {
    this.principal = principal;
    this.#res = res;
    this.#sdk = new SSEServerTransport(messagesPath, res);
    this.id = this.#sdk.sessionId;
    this.#connection = new DuplexConnection(parts, principal, 'sse', (text) => this.#write(text));
    this.#sdk.onmessage = (message) => this.#connection.receive(message);
    this.#sdk.onerror = parts.onError;
  }

  async open(): Promise<void> {
    this.#res.setHeader('x-accel-buffering', 'no');
    await this.#sdk.start();
    this.#res.flushHeaders();
  }

  /** @throws what the SDK's schemas say of something that is no JSON-RPC message. */
  async receive(message: unknown): Promise<void> {
    await this.#sdk.handleMessage(message);
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
