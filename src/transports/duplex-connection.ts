import type { Principal } from '../companies/principal.ts';
import { INVALID_PARAMS, INVALID_REQUEST } from '../protocol/error-codes.ts';
import {
  echoableId,
  type Fields,
  isFields,
  isNotification,
  isRequestId,
  isResponse,
  type JsonText,
  notificationText,
  type RequestId,
  resultText,
} from '../protocol/json-rpc.ts';
import { CANCELLED, INITIALIZE, INITIALIZED, PING, SET_LEVEL } from '../protocol/methods.ts';
import { type CatalogChange, mayHearOf } from '../server/catalog.ts';
import type { ClientFeatures } from '../server/client-features.ts';
import type { LaneRequest } from '../server/lane.ts';
import { EVERY_LEVEL, levelOf, logThreshold } from '../server/reporter.ts';
import { CallStop, type StopSignal } from '../stop-signal.ts';
import type { Caller, Door } from '../tools/tool-source.ts';
import { ClientAsks } from './client-asks.ts';
import { type Handshake, initializeResult, negotiate, readHandshake } from './handshake.ts';
import { levelProblem } from './level-problem.ts';
import { methodOf } from './listen-hub.ts';
import { OVERLOADED } from './overloaded.ts';
import type { RpcError } from './protocol-errors.ts';
import { SdkConnection } from './sdk-connection.ts';
import type { SessionParts } from './session-parts.ts';
import type { SessionOutlet } from './session-server.ts';

/**
 * One client of a revision with `initialize` on a line of its own in each direction: stdio, or HTTP+SSE. What the fast
 * lane can serve never reaches the SDK's server.
 */
export class DuplexConnection {
  readonly principal: Principal;
  readonly #caller: Caller;
  readonly #door: Door;
  readonly #parts: SessionParts;
  readonly #write: (text: string) => void;
  /** Requests in progress; those of the fast lane with the means to stop them. */
  readonly #pending = new Map<RequestId, CallStop | undefined>();
  #handshake: Handshake | undefined;
  #sdk: SdkConnection | undefined;
  #threshold = EVERY_LEVEL;
  #initialized = false;
  #asks: ClientAsks | undefined;
  #closed = false;

  constructor(parts: SessionParts, caller: Caller, door: Door, write: (text: string) => void) {
    this.principal = caller.principal;
    this.#caller = caller;
    this.#door = door;
    this.#parts = parts;
    this.#write = write;
  }

  get busy(): boolean {
    return this.#pending.size > 0;
  }

  receive(message: Fields): void {
    // The stream may have gone while the body of a POST was on its way: nobody would ever be answered.
    if (this.#closed) return;
    const { id, method, params } = message;
    if (message['jsonrpc'] !== '2.0') {
      this.#refuse(echoableId(message), { code: INVALID_REQUEST, message: 'Invalid Request' });
    } else if (isRequestId(id) && typeof method === 'string') {
      if (this.#pending.has(id)) {
        this.#refuse(id, { code: INVALID_REQUEST, message: 'Invalid Request: a request with this id is in progress' });
        return;
      }
      const call = this.#parts.lane.read(message, this.#caller);
      if (call !== undefined) this.#serve(call);
      else if (method === INITIALIZE && this.#handshake === undefined) this.#shakeHands(message, id);
      else if (method === PING) this.#write(resultText(id, '{}'));
      else this.#ask(message, id);
    } else if (method === CANCELLED && isFields(params) && isRequestId(params['requestId'])) {
      this.#cancel(params['requestId']);
    } else if (isNotification(message) || isResponse(message)) {
      if (method === INITIALIZED) this.#initialized = true;
      // A server that does not exist asked nothing and awaits nothing.
      if (this.#asks?.settle(message) !== true) this.#sdk?.tell(message);
    } else this.#refuse(echoableId(message), { code: INVALID_REQUEST, message: 'Invalid Request' });
  }

  /** Tells the client of a change, unless it is still shaking hands or does not watch the resource. */
  announce(change: CatalogChange): void {
    if (!this.#initialized || !mayHearOf(change, this.#caller)) return;
    if (change.kind === 'resource' && !this.#sdk?.subscriptions.has(change.uri)) return;
    this.#write(notificationText(methodOf(change), change.kind === 'resource' ? { uri: change.uri } : undefined));
  }

  /** Stops whatever is in progress; nothing is written any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const id of [...this.#pending.keys()]) this.#cancel(id);
    this.#sdk?.close();
    if (this.#caller.session !== undefined) this.#parts.onSessionEnd(this.#caller.session);
  }

  #shakeHands(message: Fields, id: RequestId): void {
    this.#handshake = readHandshake(message, id);
    if (this.#handshake === undefined) {
      this.#refuse(id, { code: INVALID_PARAMS, message: 'Invalid params for initialize' });
      return;
    }
    this.#asks = ClientAsks.of(this.#handshake.params.capabilities);
    const version = negotiate(this.#handshake.params.protocolVersion);
    this.#write(resultText(id, initializeResult(this.#parts.catalog, this.#caller, version)));
  }

  #serve(call: LaneRequest): void {
    const abort = new CallStop();
    if (!this.#begin(call.id, abort)) return;
    const caller = {
      door: this.#door,
      era: 'legacy' as const,
      signal: abort,
      logThreshold: this.#threshold,
      features: this.#features(abort),
      ...this.#caller,
    };
    const reply = {
      notify: this.#write,
      answer: (id: RequestId, text: JsonText) => this.#answer(id, text.toString()),
    };
    this.#parts.lane.serve(call, caller, reply).catch(this.#parts.onError);
  }

  #features(signal: StopSignal): ClientFeatures {
    return {
      ask: this.#asks?.during(signal, this.#write),
      capabilities: this.#handshake?.params.capabilities,
      logLevel: levelOf(this.#threshold),
    };
  }

  #ask(message: Fields, id: RequestId): void {
    const problem = levelProblem(message);
    if (problem !== undefined) {
      this.#refuse(id, problem);
      return;
    }
    if (!this.#begin(id, undefined)) return;
    const { method, params } = message;
    if (method === SET_LEVEL && isFields(params)) {
      this.#threshold = logThreshold(params['level']) ?? this.#threshold;
    }
    this.#sdk ??= this.#connect();
    this.#sdk.ask(message, id);
  }

  #connect(): SdkConnection {
    const outlet: SessionOutlet = {
      caller: this.#caller,
      door: this.#door,
      answer: (id, text) => this.#answer(id, text),
      notify: (_id, text) => this.#write(text),
      announce: this.#write,
      featuresFor: (_id, signal) => this.#features(signal),
    };
    return new SdkConnection(this.#parts, outlet, this.#handshake);
  }

  #refuse(id: RequestId | null, { code, message, data }: RpcError): void {
    this.#write(this.#parts.errors.text(id, { code, message, data }));
  }

  #answer(id: RequestId, text: string): void {
    this.#settle(id);
    this.#write(text);
  }

  #cancel(id: RequestId): void {
    const abort = this.#pending.get(id);
    if (!this.#settle(id)) return;
    if (abort !== undefined) abort.abort();
    else this.#sdk?.cancel(id);
  }

  /** False when there is no room for the request; it has been answered so then. */
  #begin(id: RequestId, abort: CallStop | undefined): boolean {
    if (!this.#parts.admission.enter(this.principal, this.#pending.size)) {
      this.#refuse(id, OVERLOADED);
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
    this.#parts.admission.leave(this.principal);
    return true;
  }
}
