/** JSON-RPC over one shared line (stdio, HTTP+SSE): numbers the requests and gives every answer to the one who asked. */

import { CancelledError } from '../../errors.ts';
import { isFields, notificationText } from '../../protocol/json-rpc.ts';
import { SUBSCRIPTION_ID_META_KEY } from '../../protocol/meta-keys.ts';
import { CANCELLED, INITIALIZE, LISTEN, LOG_MESSAGE, PROGRESS } from '../../protocol/methods.ts';
import { GivenUpCalls } from './given-up-calls.ts';
import type { JsonObject, LinkInfo, LinkRequestOptions, NotificationListener } from './link.ts';
import {
  MalformedAnswerError,
  OversizedAnswerError,
  UpstreamAnswerError,
  UpstreamFloodError,
  UpstreamGoneError,
} from './link-errors.ts';
import { Listeners } from './listeners.ts';
import { type ClientFace, ownNotification, type ProgressToken, progressTokenOf, requestText } from './outgoing.ts';
import { PendingRequest } from './pending-request.ts';
import { type PlainResult, readMessages, readPlainEvent, readPlainResult, type WireMessage } from './read-message.ts';
import { mayRepeat } from './repeat.ts';
import { answerText, onlyHandler, type ServerRequest } from './server-requests.ts';
import { utf8Text } from './utf8.ts';

export interface LineWire {
  /** `failed` is called at most once, when the text cannot have arrived or its arrival is in doubt. */
  send(text: string, failed: (error: UpstreamGoneError) => void): void;
  /** Came where messages belong, and is none. */
  garbage?(bytes: number): void;
  /** A message came. */
  message?(): void;
  /**
   * A request, where it differs from a message that nobody waits for; one that is safe may be sent twice. Returns the way
   * to say that its sender waits no more.
   */
  ask?(text: string, failed: (error: UpstreamGoneError) => void, isSafe: boolean): (end: RequestEnd) => void;
}

export type RequestEnd = 'settled' | 'given-up';

/** Questions of an upstream that wait for a person; more at once is a flood. */
const MAX_OPEN_QUESTIONS = 64;

export class Conversation {
  readonly listeners = new Listeners();
  readonly #wire: LineWire;
  readonly #face: ClientFace;
  readonly #pending = new Map<number, LineRequest>();
  readonly #givenUp = new GivenUpCalls();
  #era: LinkInfo['era'] = 'legacy';
  #lost: Error | undefined;
  #lastId = 0;
  #questions = 0;

  constructor(wire: LineWire, face: ClientFace) {
    this.#wire = wire;
    this.#face = face;
  }

  /** What all further requests are written in. */
  speak(era: LinkInfo['era']): void {
    this.#era = era;
  }

  request(method: string, params: JsonObject, options: LinkRequestOptions, era = this.#era): Promise<string> {
    if (options.signal.aborted) return Promise.reject(new CancelledError());
    if (this.#lost !== undefined) return Promise.reject(goneBy(this.#lost, false));
    this.#lastId += 1;
    const id = this.#lastId;
    const text = requestText(id, method, params, era, this.#face, options.modern);
    const pending = new LineRequest(id, method, progressTokenOf(params), options, this.#forget);
    this.#pending.set(id, pending);
    const failed = (error: UpstreamGoneError): void => {
      if (this.#pending.delete(id)) pending.fail(error);
    };
    if (this.#wire.ask === undefined) this.#wire.send(text, failed);
    else pending.onEnd = this.#wire.ask(text, failed, mayRepeat(method, options));
    return pending.promise;
  }

  notify(method: string, params?: JsonObject): void {
    if (this.#lost === undefined) this.#wire.send(notificationText(method, params), () => {});
  }

  /** A line as it came, without its end. */
  receiveLine(line: Buffer): void {
    const plain = readPlainResult(line);
    if (plain !== undefined) this.#takePlain(plain);
    else if (!this.#read(utf8Text(line).trim())) this.#wire.garbage?.(line.length);
  }

  /** The data of an event. */
  receiveEvent(data: string): void {
    const plain = readPlainEvent(data);
    if (plain === undefined) this.#read(data);
    else this.#takePlain(plain);
  }

  /** An answer too long to read. Only its id is known. */
  oversized(id: number): void {
    this.#wire.message?.();
    this.#finish(id)?.fail(new OversizedAnswerError());
  }

  /** The line is gone: whatever was asked may have been done, unless there never was a line. */
  lost(error: Error, sent = true): void {
    if (this.#lost !== undefined) return;
    this.#lost = error;
    const waiting = [...this.#pending.values()];
    this.#pending.clear();
    for (const pending of waiting) pending.fail(goneBy(error, sent));
  }

  /** False when it is no message. */
  #read(text: string): boolean {
    const messages = readMessages(text);
    if (messages.length === 0) return false;
    this.#wire.message?.();
    for (const message of messages) this.#take(message);
    return true;
  }

  #takePlain({ id, result }: PlainResult): void {
    this.#wire.message?.();
    this.#finish(id)?.succeedPlain(result);
  }

  #take(message: WireMessage): void {
    switch (message.kind) {
      case 'result':
        this.#finish(message.id)?.succeed(message.text);
        break;
      case 'error':
        this.#finish(message.id)?.fail(new UpstreamAnswerError(message.code, message.message, { data: message.data }));
        break;
      case 'malformed':
        this.#finish(message.id)?.fail(new MalformedAnswerError());
        break;
      case 'request':
        this.#answer(message);
        break;
      case 'notification':
        this.#hear(message.method, message.params);
    }
  }

  #finish(id: string | number | undefined): LineRequest | undefined {
    if (typeof id !== 'number') return undefined;
    const pending = this.#pending.get(id);
    if (pending === undefined) this.#givenUp.answered(id);
    else this.#pending.delete(id);
    return pending;
  }

  #hear(method: string, params: JsonObject): void {
    if (method === PROGRESS) {
      const token = params['progressToken'];
      const pending = typeof token === 'number' ? this.#pending.get(token) : undefined;
      const own = pending === undefined ? undefined : ownNotification(method, params, pending.id, pending.token);
      if (own !== undefined) pending?.onNotification?.(method, own);
      return;
    }
    const listener = this.#listenerOf(params) ?? (method === LOG_MESSAGE ? this.#onlyListener() : undefined);
    if (listener === undefined) this.listeners.tell(method, params);
    else listener(method, params);
  }

  /** Whoever opened the subscription that a notification of 2026-07-28 names. */
  #listenerOf(params: JsonObject): NotificationListener | undefined {
    const meta = params['_meta'];
    const id = isFields(meta) ? meta[SUBSCRIPTION_ID_META_KEY] : undefined;
    return typeof id === 'number' ? this.#pending.get(id)?.onNotification : undefined;
  }

  /** The line does not say whose log this is; with one request running, and no other caller's given up, there is no doubt. */
  #onlyListener(): NotificationListener | undefined {
    const [first, second] = [...this.#pending.values()].filter(({ method }) => method !== LISTEN);
    return second !== undefined || this.#givenUp.hasOthers(first?.caller) ? undefined : first?.onNotification;
  }

  #answer(request: ServerRequest): void {
    const handler =
      this.#questions < MAX_OPEN_QUESTIONS ? onlyHandler(this.#pending.values(), this.#givenUp) : undefined;
    this.#questions += 1;
    answerText(request, handler)
      .then((text) => this.#wire.send(text, () => {}))
      .finally(() => {
        this.#questions -= 1;
      });
  }

  readonly #forget = (pending: LineRequest, reason: string): void => {
    this.#pending.delete(pending.id);
    this.#givenUp.add(pending.id, pending.caller);
    // The handshake is the one request that must not be cancelled ("Cancellation").
    if (pending.method !== INITIALIZE) this.notify(CANCELLED, { requestId: pending.id, reason });
  };
}

function goneBy(cause: Error, sent: boolean): UpstreamGoneError {
  const Gone = cause instanceof UpstreamFloodError ? UpstreamFloodError : UpstreamGoneError;
  return new Gone(cause.message, { sent, cause });
}

class LineRequest extends PendingRequest {
  readonly sent = true;
  onEnd: ((end: RequestEnd) => void) | undefined;
  readonly #forget: (pending: LineRequest, reason: string) => void;

  constructor(
    id: number,
    method: string,
    token: ProgressToken | undefined,
    options: LinkRequestOptions,
    forget: (pending: LineRequest, reason: string) => void,
  ) {
    super(id, method, token, options);
    this.#forget = forget;
  }

  protected override over(): void {
    this.onEnd?.('settled');
  }

  protected giveUp(reason: string): void {
    this.onEnd?.('given-up');
    this.#forget(this, reason);
  }
}
