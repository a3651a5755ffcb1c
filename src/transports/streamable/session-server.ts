import type {
  JSONRPCMessage,
  MessageExtraInfo,
  Server,
  Transport,
  TransportSendOptions,
} from '@modelcontextprotocol/server';
import type { Principal } from '../../companies/principal.ts';
import { createMcpServer } from '../../server/create-server.ts';
import { isRequestId, type RequestId } from '../../server/json-rpc.ts';
import type { ServerParts } from '../../server/server-parts.ts';
import type { Handshake } from './handshake.ts';

/** Where a session's server writes: to the exchange of a request, or to the client at large. */
export interface SessionOutlet {
  readonly id: string;
  readonly principal: Principal;
  answer(id: RequestId, text: string): void;
  notify(id: RequestId, text: string): void;
  announce(text: string): void;
}

/** Not a possible id of a client's request in this session: the handshake was answered before. */
const HANDSHAKE_ID = 'omie-mcp-hub:initialize';

/**
 * The SDK's Server of one session, made at the first request that needs it: a session that only lists and calls tools
 * never does, and stays at a tenth of the memory. The client's own `initialize` is played to it first.
 */
export class SessionServer implements Transport {
  readonly sessionId: string;
  readonly subscriptions = new Set<string>();
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  readonly #outlet: SessionOutlet;
  readonly #server: Server;

  constructor(parts: ServerParts, outlet: SessionOutlet, handshake: Handshake, onError: (error: unknown) => void) {
    this.sessionId = outlet.id;
    this.#outlet = outlet;
    this.#server = createMcpServer(parts, {
      principal: outlet.principal,
      door: 'http',
      subscriptions: this.subscriptions,
    });
    this.#server.onerror = onError;
    // `connect` sets `onmessage` before it first waits, so messages may follow at once.
    this.#server.connect(this).catch(onError);
    this.deliver({ ...handshake, id: HANDSHAKE_ID });
  }

  deliver(message: JSONRPCMessage, extra?: MessageExtraInfo): void {
    this.onmessage?.(message, extra);
  }

  async start(): Promise<void> {}

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    const text = JSON.stringify(message);
    if (!('method' in message)) {
      if (isRequestId(message.id) && message.id !== HANDSHAKE_ID) this.#outlet.answer(message.id, text);
    } else if (options?.relatedRequestId === undefined) this.#outlet.announce(text);
    else this.#outlet.notify(options.relatedRequestId, text);
  }

  async close(): Promise<void> {
    this.onclose?.();
  }
}
