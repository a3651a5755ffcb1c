import {
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResponse,
  type JSONRPCMessage,
  type MessageExtraInfo,
  type Server,
  type Transport,
} from '@modelcontextprotocol/server';
import type { Principal } from '../companies/principal.ts';
import type { CatalogChange } from '../server/catalog.ts';
import { createMcpServer } from '../server/create-server.ts';
import {
  echoableId,
  errorText,
  type Fields,
  INVALID_REQUEST,
  isFields,
  isRequestId,
  notificationText,
  type RequestId,
} from '../server/json-rpc.ts';
import type { LaneRequest } from '../server/lane.ts';
import { EVERY_LEVEL, logThreshold } from '../server/reporter.ts';
import type { Door } from '../tools/tool-source.ts';
import { overloadText } from './admission.ts';
import { methodOf } from './listen-hub.ts';
import type { SessionParts } from './session-parts.ts';

/**
 * One client of a revision with `initialize` on a line of its own in each direction: stdio, or HTTP+SSE. What the fast
 * lane can serve never reaches the SDK's server.
 */
export class DuplexConnection implements Transport {
  readonly principal: Principal;
  readonly #door: Door;
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage, extra?: MessageExtraInfo) => void;
  readonly #parts: SessionParts;
  readonly #write: (text: string) => void;
  readonly #server: Server;
  readonly #subscriptions = new Set<string>();
  /** Requests in progress; those of the fast lane with the means to stop them. */
  readonly #pending = new Map<RequestId, AbortController | undefined>();
  #threshold = EVERY_LEVEL;
  #initialized = false;
  #closed = false;

  constructor(parts: SessionParts, principal: Principal, door: Door, write: (text: string) => void) {
    this.principal = principal;
    this.#door = door;
    this.#parts = parts;
    this.#write = write;
    this.#server = createMcpServer(parts, { principal, door, subscriptions: this.#subscriptions });
    this.#server.onerror = parts.onError;
    this.#server.connect(this).catch(parts.onError);
  }

  get busy(): boolean {
    return this.#pending.size > 0;
  }

  receive(message: Fields): void {
    const { id, method, params } = message;
    if (isRequestId(id) && typeof method === 'string') {
      if (this.#pending.has(id)) {
        this.#write(errorText(id, INVALID_REQUEST, 'Invalid Request: a request with this id is in progress'));
        return;
      }
      const call = this.#parts.lane.read(message, this.principal);
      if (call === undefined) this.#ask(message, id);
      else this.#serve(call);
    } else if (method === 'notifications/cancelled' && isFields(params) && isRequestId(params['requestId'])) {
      this.#cancel(params['requestId']);
    } else if (isJSONRPCNotification(message) || isJSONRPCResponse(message)) {
      if (method === 'notifications/initialized') this.#initialized = true;
      this.onmessage?.(message);
    } else this.#write(errorText(echoableId(message), INVALID_REQUEST, 'Invalid Request'));
  }

  /** Tells the client of a change, unless it is still shaking hands or does not watch the resource. */
  announce(change: CatalogChange): void {
    if (!this.#initialized || (change.kind === 'resource' && !this.#subscriptions.has(change.uri))) return;
    this.#write(notificationText(methodOf(change), change.kind === 'resource' ? { uri: change.uri } : undefined));
  }

  async start(): Promise<void> {}

  async send(message: JSONRPCMessage): Promise<void> {
    if (!('method' in message) && isRequestId(message.id)) this.#settle(message.id);
    this.#write(JSON.stringify(message));
  }

  /** Stops whatever is in progress; nothing is written any more. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    for (const id of [...this.#pending.keys()]) this.#cancel(id);
    this.onclose?.();
  }

  #serve(call: LaneRequest): void {
    const abort = new AbortController();
    if (!this.#begin(call.id, abort)) return;
    const { principal } = this;
    const caller = {
      principal,
      door: this.#door,
      era: 'legacy' as const,
      signal: abort.signal,
      logThreshold: this.#threshold,
    };
    const reply = {
      notify: this.#write,
      answer: (id: RequestId, text: string) => {
        this.#settle(id);
        this.#write(text);
      },
    };
    this.#parts.lane.serve(call, caller, reply).catch(this.#parts.onError);
  }

  #ask(message: Fields, id: RequestId): void {
    if (!isJSONRPCRequest(message)) {
      this.#write(errorText(id, INVALID_REQUEST, 'Invalid Request'));
      return;
    }
    if (!this.#begin(id, undefined)) return;
    if (message.method === 'logging/setLevel') {
      this.#threshold = logThreshold(message.params?.['level']) ?? this.#threshold;
    }
    this.onmessage?.(message);
  }

  #cancel(id: RequestId): void {
    const abort = this.#pending.get(id);
    if (!this.#settle(id)) return;
    if (abort !== undefined) abort.abort();
    else this.onmessage?.({ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: id } });
  }

  /** False when there is no room for the request; it has been answered so then. */
  #begin(id: RequestId, abort: AbortController | undefined): boolean {
    if (!this.#parts.admission.enter(this.#pending.size)) {
      this.#write(overloadText(id));
      return false;
    }
    this.#pending.set(id, abort);
    this.#parts.inFlight.enter();
    return true;
  }

  #settle(id: RequestId): boolean {
    const known = this.#pending.delete(id);
    if (!known) return false;
    this.#parts.inFlight.leave();
    this.#parts.admission.leave();
    return true;
  }
}
