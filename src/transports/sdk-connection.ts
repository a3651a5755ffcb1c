import type { MessageExtraInfo } from '@modelcontextprotocol/server';
import { INTERNAL_ERROR } from '../protocol/error-codes.ts';
import type { Fields, RequestId } from '../protocol/json-rpc.ts';
import { CANCELLED } from '../protocol/methods.ts';
import { Subscriptions } from '../server/subscriptions.ts';
import type { LogLevel } from '../tools/tool-source.ts';
import type { Handshake } from './handshake.ts';
import type { SessionParts } from './session-parts.ts';
import type { SessionOutlet, SessionServer } from './session-server.ts';

/**
 * The way from one connection to an SDK Server of its own, made at the first request that needs it: a session that only
 * lists and calls tools never does, and stays at a tenth of the memory. The SDK itself is loaded with the first of
 * them, being a quarter of a start (docs/adr/0009). Messages reach the server in the order they came.
 */
export class SdkConnection {
  readonly subscriptions: Subscriptions;
  readonly #outlet: SessionOutlet;
  readonly #parts: SessionParts;
  readonly #server: Promise<SessionServer>;

  /** @param logLevel the one in force, which the server does not know of */
  constructor(parts: SessionParts, outlet: SessionOutlet, handshake: Handshake | undefined, logLevel?: LogLevel) {
    this.#outlet = outlet;
    this.#parts = parts;
    this.subscriptions = new Subscriptions(outlet.watchedOthers);
    this.#server = import('./session-server.ts').then(({ SessionServer }) => {
      const server = new SessionServer(parts, outlet, this.subscriptions);
      if (handshake !== undefined) server.shakeHands(handshake);
      if (logLevel !== undefined) server.setLevel(logLevel);
      return server;
    });
  }

  ask(message: Fields, id: RequestId, extra: MessageExtraInfo = {}): void {
    this.#server
      .then((server) => server.ask(message, id, extra))
      .catch((error: unknown) => {
        this.#parts.onError(error);
        this.#outlet.answer(id, this.#parts.errors.text(id, { code: INTERNAL_ERROR, message: 'Internal error' }));
      });
  }

  /** Passes on what wants no answer: notifications and responses. */
  tell(message: Fields): void {
    this.#server.then((server) => server.tell(message)).catch(this.#parts.onError);
  }

  cancel(requestId: RequestId): void {
    this.tell({ jsonrpc: '2.0', method: CANCELLED, params: { requestId } });
  }

  close(): void {
    this.subscriptions.close();
    this.#server.then((server) => server.close()).catch(this.#parts.onError);
  }
}
