import { INVALID_REQUEST } from '../../protocol/error-codes.ts';
import { type Fields, isFields, type JsonText, type RequestId, resultText } from '../../protocol/json-rpc.ts';
import type { LogLevel } from '../../protocol/log-levels.ts';
import { PING, SET_LEVEL } from '../../protocol/methods.ts';
import type { ClientFeatures } from '../../server/client-features.ts';
import type { LaneRequest } from '../../server/lane.ts';
import { EVERY_LEVEL, levelOf, logThreshold } from '../../server/reporter.ts';
import { CallStop, type StopSignal } from '../../stop-signal.ts';
import type { Caller } from '../../tools/tool-source.ts';
import { ClientAsks } from '../client-asks.ts';
import type { Handshake } from '../handshake.ts';
import { levelProblem } from '../level-problem.ts';
import { OVERLOADED } from '../overloaded.ts';
import { SdkConnection } from '../sdk-connection.ts';
import type { SessionParts } from '../session-parts.ts';
import type { SessionOutlet } from '../session-server.ts';
import type { SessionChange } from '../session-shelf.ts';
import type { Exchange } from './exchange.ts';

/** What the requests need to know of the session they belong to. */
interface Owner {
  readonly id: string;
  readonly caller: Caller;
  readonly primesStreams: boolean;
  announce(text: string): void;
  changed(change: SessionChange): void;
}

interface Pending {
  readonly exchange: Exchange;
  /** Stops a call of the fast lane; what the SDK's server works on is cancelled through it. */
  readonly abort: CallStop | undefined;
}

/** The requests of one session: each goes down the fast lane or to the SDK's server, and its answer to its exchange. */
export class PendingRequests {
  readonly #parts: SessionParts;
  readonly #session: Owner;
  readonly #handshake: Handshake;
  readonly #pending = new Map<RequestId, Pending>();
  readonly #asks: ClientAsks | undefined;
  #sdk: SdkConnection | undefined;
  #threshold = EVERY_LEVEL;

  /** @param logLevel the one that its client set before a restart */
  constructor(parts: SessionParts, session: Owner, handshake: Handshake, logLevel: LogLevel | undefined) {
    this.#parts = parts;
    this.#session = session;
    this.#handshake = handshake;
    if (logLevel !== undefined) this.#threshold = logThreshold(logLevel);
    this.#asks = ClientAsks.of(handshake.params.capabilities);
  }

  get size(): number {
    return this.#pending.size;
  }

  watches(uri: string): boolean {
    return this.#sdk?.subscriptions.has(uri) ?? false;
  }

  get watched(): readonly string[] {
    return this.#sdk?.subscriptions.uris ?? [];
  }

  /**
   * Watches what its session watched before a restart, but for what its client gives up meanwhile.
   *
   * @returns all that it wants watched then, also what was refused for now
   */
  async watchAgain(uris: readonly string[]): Promise<readonly string[]> {
    if (uris.length === 0) return [];
    this.#sdk ??= this.#connect();
    const { subscriptions } = this.#sdk;
    const { resources } = this.#parts.catalog;
    const { caller } = this.#session;
    const watching = uris.map((uri) => subscriptions.add(uri, async () => resources.watch?.(uri, caller)));
    const done = await Promise.allSettled(watching);
    const refused = uris.filter((_, at) => done[at]?.status === 'rejected');
    return [...new Set([...subscriptions.uris, ...refused])];
  }

  begin(message: Fields, id: RequestId, exchange: Exchange): void {
    if (this.#pending.has(id)) {
      const message = 'Invalid Request: a request with this id is in progress';
      exchange.answer(id, this.#parts.errors.text(id, { code: INVALID_REQUEST, message }));
      return;
    }
    const call = this.#parts.lane.read(message, this.#session.caller);
    if (call !== undefined) this.#serve(call, exchange);
    else if (message['method'] === PING) exchange.answer(id, resultText(id, '{}'));
    else this.#ask(message, id, exchange);
  }

  answer(id: RequestId, text: JsonText, status?: number): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#settle(id);
    pending.exchange.answer(id, text, status);
  }

  notify(id: RequestId, text: string): void {
    this.#pending.get(id)?.exchange.notify(text);
  }

  /** Passes on what is not a request. A server that does not exist asked nothing and awaits nothing. */
  tell(message: Fields): void {
    if (this.#asks?.settle(message) !== true) this.#sdk?.tell(message);
  }

  cancel(id: RequestId): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#settle(id);
    if (pending.abort !== undefined) pending.abort.abort();
    else this.#sdk?.cancel(id);
    pending.exchange.abandon();
  }

  /** Everything one exchange still waits for. */
  cancelAll(exchange: Exchange): void {
    for (const [id, pending] of this.#pending) if (pending.exchange === exchange) this.cancel(id);
  }

  close(): void {
    for (const id of [...this.#pending.keys()]) this.cancel(id);
    this.#sdk?.close();
    this.#sdk = undefined;
  }

  /** False when there is no room for the request; it has been answered so then. */
  #begin(id: RequestId, pending: Pending): boolean {
    if (!this.#parts.admission.enter(this.#session.caller.principal, this.#pending.size)) {
      const { status, headers, ...error } = OVERLOADED;
      pending.exchange.answer(id, this.#parts.errors.text(id, error), status, headers);
      return false;
    }
    this.#pending.set(id, pending);
    return true;
  }

  #settle(id: RequestId): void {
    if (this.#pending.delete(id)) this.#parts.admission.leave(this.#session.caller.principal);
  }

  #serve(call: LaneRequest, exchange: Exchange): void {
    const abort = new CallStop();
    if (!this.#begin(call.id, { exchange, abort })) return;
    const caller = {
      door: 'http' as const,
      era: 'legacy' as const,
      signal: abort,
      logThreshold: this.#threshold,
      features: this.#features(abort, exchange),
      // Last: each member that is written after a spread costs V8 a microsecond.
      ...this.#session.caller,
    };
    const reply = {
      notify: (text: string) => exchange.notify(text),
      answer: (id: RequestId, text: JsonText) => this.answer(id, text),
    };
    this.#parts.lane.serve(call, caller, reply).catch(this.#parts.onError);
  }

  #features(signal: StopSignal, exchange: Exchange | undefined): ClientFeatures {
    return {
      ask: exchange && this.#asks?.during(signal, (text) => exchange.notify(text)),
      capabilities: this.#handshake.params.capabilities,
      logLevel: levelOf(this.#threshold),
    };
  }

  #ask(message: Fields, id: RequestId, exchange: Exchange): void {
    const problem = levelProblem(message);
    if (problem !== undefined) {
      exchange.answer(id, this.#parts.errors.text(id, problem));
      return;
    }
    if (!this.#begin(id, { exchange, abort: undefined })) return;
    const { method, params } = message;
    this.#sdk ??= this.#connect();
    if (method === SET_LEVEL && isFields(params)) {
      this.#threshold = logThreshold(params['level']) ?? this.#threshold;
      this.#session.changed({ logLevel: levelOf(this.#threshold) });
    }
    this.#sdk.ask(message, id, this.#session.primesStreams ? { closeSSEStream: () => exchange.disconnect() } : {});
  }

  #connect(): SdkConnection {
    const { id, caller } = this.#session;
    const outlet: SessionOutlet = {
      id,
      caller,
      door: 'http',
      answer: (request, text, status) => this.answer(request, text, status),
      notify: (request, text) => this.notify(request, text),
      announce: (text) => this.#session.announce(text),
      watchedOthers: () => this.#session.changed({ watched: this.#sdk?.subscriptions.uris ?? [] }),
      featuresFor: (request, signal) => this.#features(signal, this.#pending.get(request)?.exchange),
    };
    const level = this.#threshold === EVERY_LEVEL ? undefined : levelOf(this.#threshold);
    return new SdkConnection(this.#parts, outlet, this.#handshake, level);
  }
}
