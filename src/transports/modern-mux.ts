import type { OutgoingHttpHeaders } from 'node:http';
import {
  isJSONRPCRequest,
  type JSONRPCMessage,
  type MessageExtraInfo,
  type ServerContext,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/server';
import {
  INVALID_REQUEST,
  METHOD_NOT_FOUND,
  MISSING_CAPABILITY,
  PARSE_ERROR,
  UNSUPPORTED_PROTOCOL_VERSION,
} from '../protocol/error-codes.ts';
import { exactJson } from '../protocol/exact-number.ts';
import type { Fields, JsonText, RequestId } from '../protocol/json-rpc.ts';
import { CANCELLED } from '../protocol/methods.ts';
import { MODERN_REVISION } from '../protocol/revisions.ts';
import { type ClientFeatures, modernFeatures } from '../server/client-features.ts';
import type { Reply } from '../server/lane.ts';
import { ModernServer } from '../server/modern-server.ts';
import type { ServerParts } from '../server/server-parts.ts';
import type { Caller, Door } from '../tools/tool-source.ts';
import { withCarriedToken, withOwnToken } from './carried-token.ts';
import type { ProtocolErrors } from './protocol-errors.ts';
import type { SessionParts } from './session-parts.ts';

/** A way back that may carry an HTTP status; transports without statuses ignore it. */
export interface ModernReply extends Reply {
  answer(id: RequestId, text: JsonText, status?: number, headers?: OutgoingHttpHeaders): void;
}

/** Whose request it is, and which way it came. */
export interface Sender extends Caller {
  readonly door: Door;
}

interface Asked extends Sender {
  readonly id: RequestId;
  readonly reply: ModernReply;
}

/** Statuses of errors that precede any handler (2026-07-28, basic/transports, "Error Responses"). */
const STATUS_BEFORE_HANDLER: ReadonlyMap<number, number> = new Map([
  [PARSE_ERROR, 400],
  [INVALID_REQUEST, 400],
  [METHOD_NOT_FOUND, 404],
  [UNSUPPORTED_PROTOCOL_VERSION, 400],
]);

const CLASSIFIED: MessageExtraInfo = { classification: { era: 'modern', revision: MODERN_REVISION } };

/**
 * One connection, as the shared server sees it, that carries the requests of every client. Clients choose their ids
 * themselves, so each request gets one of ours on the way in and its own back on the way out.
 */
export class ModernMux implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  readonly #errors: ProtocolErrors;
  readonly #asked = new Map<RequestId, Asked>();
  #lastId = 0;
  #dispatching = false;

  constructor(parts: ServerParts & Pick<SessionParts, 'errors' | 'onError'>) {
    const { onError } = parts;
    this.#errors = parts.errors;
    const server = new ModernServer(parts, {
      callerOf: (context) => callerIn(this.#senderOf(context)),
      doorOf: (context) => this.#senderOf(context).door,
      featuresOf: featuresIn,
    });
    server.onerror = onError;
    // `connect` sets `onmessage` before it first waits.
    server.connect(this).catch(onError);
  }

  ask(asked: Fields, askedAs: RequestId, sender: Sender, reply: ModernReply): () => void {
    const message = withCarriedToken(asked);
    if (!isJSONRPCRequest(message)) {
      reply.answer(askedAs, this.#errors.text(askedAs, { code: INVALID_REQUEST, message: 'Invalid Request' }), 400);
      return () => {};
    }
    this.#lastId += 1;
    const id = this.#lastId;
    this.#asked.set(id, { ...sender, id: askedAs, reply });
    // Whatever the server answers before it returns was refused before any handler ran.
    this.#dispatching = true;
    try {
      this.onmessage?.({ ...message, id }, CLASSIFIED);
    } finally {
      this.#dispatching = false;
    }
    return () => this.#cancel(id);
  }

  async start(): Promise<void> {}

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    if ('method' in message) {
      const asked = options?.relatedRequestId === undefined ? undefined : this.#asked.get(options.relatedRequestId);
      asked?.reply.notify(withOwnToken(exactJson(message)));
      return;
    }
    const asked = message.id === undefined ? undefined : this.#asked.get(message.id);
    if (message.id === undefined || asked === undefined) return;
    this.#asked.delete(message.id);
    if (!('error' in message)) asked.reply.answer(asked.id, exactJson({ ...message, id: asked.id }), 200);
    else {
      const error = this.#errors.named(message.error);
      const headers = { 'x-request-id': String(error.data['id_requisicao']) };
      asked.reply.answer(asked.id, this.#errors.text(asked.id, error), this.#statusOf(error.code), headers);
    }
  }

  async close(): Promise<void> {
    this.onclose?.();
  }

  #cancel(id: number): void {
    if (!this.#asked.delete(id)) return;
    this.onmessage?.({ jsonrpc: '2.0', method: CANCELLED, params: { requestId: id } }, CLASSIFIED);
  }

  /** Errors of handlers travel in-band, but a capability the client lacks is a bad request wherever it is noticed. */
  #statusOf(code: number): number {
    if (code === MISSING_CAPABILITY) return 400;
    return this.#dispatching ? (STATUS_BEFORE_HANDLER.get(code) ?? 200) : 200;
  }

  #senderOf(context: ServerContext): Sender {
    // A request that was cancelled between its arrival and its handler sees nothing.
    return this.#asked.get(context.mcpReq.id) ?? NOBODY;
  }
}

function featuresIn({ mcpReq: { envelope = {}, inputResponses, requestState } }: ServerContext): ClientFeatures {
  return modernFeatures(envelope, { responses: inputResponses, state: requestState() });
}

function callerIn({ principal, domains }: Sender): Caller {
  return { principal, domains };
}

const NOBODY: Sender = { principal: { id: '', canSee: () => false, canCall: () => false }, door: 'http' };
