import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResponse,
  type JSONRPCMessage,
  type MessageExtraInfo,
  type Server,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/server';
import { INVALID_REQUEST } from '../protocol/error-codes.ts';
import { exactJson } from '../protocol/exact-number.ts';
import { type Fields, isRequestId, type RequestId } from '../protocol/json-rpc.ts';
import type { LogLevel } from '../protocol/log-levels.ts';
import { SET_LEVEL } from '../protocol/methods.ts';
import type { ClientFeatures } from '../server/client-features.ts';
import { createMcpServer } from '../server/create-server.ts';
import type { Subscriptions } from '../server/subscriptions.ts';
import type { Caller, Door } from '../tools/tool-source.ts';
import { withCarriedToken, withOwnToken } from './carried-token.ts';
import type { Handshake } from './handshake.ts';
import type { ProtocolErrors } from './protocol-errors.ts';
import type { SessionParts } from './session-parts.ts';

/** Where a session's server writes: to the exchange of a request, or to the client at large. */
export interface SessionOutlet {
  readonly id?: string;
  readonly caller: Caller;
  readonly door: Door;
  answer(id: RequestId, text: string, status?: number): void;
  notify(id: RequestId, text: string): void;
  announce(text: string): void;
  featuresFor(id: RequestId, signal: AbortSignal): ClientFeatures;
  /** The connection watches other resources than before. */
  readonly watchedOthers?: () => void;
}

/** What is said to the server in the client's name, and answered to nobody; no client has a reason to choose such ids. */
const HANDSHAKE_ID = 'omie-mcp-hub:initialize';
const LEVEL_ID = 'omie-mcp-hub:level';

/** The SDK's Server of one session, with the client's own `initialize` played to it first. */
export class SessionServer implements Transport {
  readonly sessionId?: string;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  readonly #outlet: SessionOutlet;
  readonly #errors: ProtocolErrors;
  readonly #server: Server;

  constructor(parts: SessionParts, outlet: SessionOutlet, subscriptions: Subscriptions) {
    const { onError } = parts;
    this.#errors = parts.errors;
    if (outlet.id !== undefined) this.sessionId = outlet.id;
    this.#outlet = outlet;
    this.#server = createMcpServer(parts, {
      caller: outlet.caller,
      door: outlet.door,
      subscriptions,
      featuresFor: (id, signal) => outlet.featuresFor(id, signal),
    });
    this.#server.onerror = onError;
    // `connect` sets `onmessage` before it first waits, so messages may follow at once.
    this.#server.connect(this).catch(onError);
  }

  shakeHands(handshake: Handshake): void {
    this.onmessage?.({ ...handshake, id: HANDSHAKE_ID });
  }

  setLevel(level: LogLevel): void {
    this.onmessage?.({ jsonrpc: '2.0', id: LEVEL_ID, method: SET_LEVEL, params: { level } });
  }

  ask(asked: Fields, id: RequestId, extra: MessageExtraInfo): void {
    const message = withCarriedToken(asked);
    if (isJSONRPCRequest(message)) this.onmessage?.(message, extra);
    else this.#outlet.answer(id, this.#errors.text(id, { code: INVALID_REQUEST, message: 'Invalid Request' }), 400);
  }

  /** Anything that wants no answer. */
  tell(message: Fields): void {
    if (isJSONRPCNotification(message) || isJSONRPCResponse(message)) this.onmessage?.(message);
  }

  async start(): Promise<void> {}

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    const told = 'error' in message ? { ...message, error: this.#errors.named(message.error) } : message;
    const text = exactJson(told);
    if (!('method' in message)) {
      if (isRequestId(message.id) && message.id !== HANDSHAKE_ID && message.id !== LEVEL_ID)
        this.#outlet.answer(message.id, text);
    } else if (options?.relatedRequestId === undefined) this.#outlet.announce(text);
    else this.#outlet.notify(options.relatedRequestId, withOwnToken(text));
  }

  async close(): Promise<void> {
    this.onclose?.();
  }
}
