/** One conversation over Streamable HTTP: its requests, its stream, and its end. */

import type { Dispatcher } from 'undici';
import { CancelledError } from '../../errors.ts';
import { BAD_REQUEST } from '../../protocol/error-codes.ts';
import { notificationText } from '../../protocol/json-rpc.ts';
import { CANCELLED, INITIALIZED } from '../../protocol/methods.ts';
import { ConversationHeaders } from './conversation-headers.ts';
import { GivenUpCalls } from './given-up-calls.ts';
import { type ExchangeHost, HttpExchange } from './http-exchange.ts';
import type { HttpTarget } from './http-headers.ts';
import { sendQuietly } from './http-post.ts';
import type { HttpReply } from './http-refusal.ts';
import type { HttpWire } from './http-wire.ts';
import type {
  JsonObject,
  Link,
  LinkInfo,
  LinkRequestOptions,
  NotificationListener,
  OpenLinkOptions,
  RequestHandler,
} from './link.ts';
import { UpstreamGoneError } from './link-errors.ts';
import { ListChanges } from './list-changes.ts';
import { Listeners } from './listeners.ts';
import { progressTokenOf, requestText } from './outgoing.ts';
import { readMessages } from './read-message.ts';
import { mayRepeat, onceMore } from './repeat.ts';
import { answerText, onlyHandler, type ServerRequest } from './server-requests.ts';
import { readServerStream } from './server-stream.ts';
import { pause, streamDelayMs } from './stream-delay.ts';

/** Visible ASCII, says the specification; a longer one would not fit in a header. */
const SESSION_ID = /^[\x21-\x7e]{1,1024}$/;
const MAX_OPEN_QUESTIONS = 64;
/** A question on a request's own stream is about that request. */
const NONE_GIVEN_UP = new GivenUpCalls();

export class HttpConversation implements Link, ExchangeHost {
  readonly closed: Promise<Error | undefined>;
  #close: (reason: Error | undefined) => void = () => {};
  readonly #face: OpenLinkOptions;
  readonly #wire: HttpWire;
  readonly #ownsWire: boolean;
  readonly #path: string;
  readonly #headers: ConversationHeaders;
  readonly #listeners = new Listeners();
  readonly #running = new Set<HttpExchange>();
  readonly #givenUp = new GivenUpCalls();
  readonly #stop = new AbortController();
  #info: LinkInfo | undefined;
  #session: string | undefined;
  #changes: ListChanges | undefined;
  #over = false;
  #lastId = 0;
  #questions = 0;

  constructor(target: HttpTarget, face: OpenLinkOptions, wire: HttpWire, ownsWire: boolean) {
    this.closed = new Promise((resolve) => {
      this.#close = resolve;
    });
    this.#face = face;
    this.#wire = wire;
    this.#ownsWire = ownsWire;
    this.#path = `${wire.url.pathname}${wire.url.search}`;
    this.#headers = new ConversationHeaders(target);
  }

  get info(): LinkInfo {
    if (this.#info === undefined) throw new Error('The handshake is not over.');
    return this.#info;
  }

  get hasSession(): boolean {
    return this.#session !== undefined;
  }

  begin(info: LinkInfo): this {
    this.#info = info;
    this.#headers.beginModern();
    this.#changes = new ListChanges(
      (...args) => this.request(...args),
      info,
      (method, params) => this.#listeners.tell(method, params),
    );
    this.#changes.run();
    return this;
  }

  async beginSession(info: LinkInfo): Promise<this> {
    this.#headers.beginSession(info.protocolVersion, this.#session);
    await this.#post(notificationText(INITIALIZED));
    this.#info = info;
    this.#listen();
    return this;
  }

  request(
    method: string,
    params: JsonObject,
    options: LinkRequestOptions,
    era = this.#info?.era ?? 'legacy',
  ): Promise<string> {
    if (options.signal.aborted) return Promise.reject(new CancelledError());
    if (this.#over) return Promise.reject(new UpstreamGoneError('A conversa acabou.', { sent: false }));
    const answered = this.#changes?.serve(method, params, options);
    if (answered !== undefined) return answered;
    const { promise } = this.#send(this.#wire.dispatcher, method, params, options, era);
    if (!mayRepeat(method, options)) return promise;
    const endsAt = performance.now() + options.timeoutMs;
    return promise.catch((lost: unknown) => {
      if (this.#over) throw lost;
      return onceMore(lost, options, endsAt, (left) => this.#send(this.#wire.fresh, method, params, left, era));
    });
  }

  #send(
    over: Dispatcher,
    method: string,
    params: JsonObject,
    options: LinkRequestOptions,
    era: LinkInfo['era'],
  ): HttpExchange {
    this.#lastId += 1;
    const id = this.#lastId;
    const exchange = new HttpExchange(id, method, progressTokenOf(params), options, this);
    const body = requestText(id, method, params, era, this.#face, options.modern);
    const headers = era === 'modern' ? this.#headers.modern(method, params, options.headers) : this.#headers.post;
    this.#running.add(exchange);
    over.dispatch({ path: this.#path, method: 'POST', headers, body }, exchange);
    return exchange;
  }

  notify(method: string, params?: JsonObject): void {
    // 2026-07-28 has no notifications from the client over HTTP but the end of a stream.
    if (!this.#over && this.#info?.era !== 'modern') this.#post(notificationText(method, params)).catch(() => {});
  }

  onNotification(listener: NotificationListener): () => void {
    return this.#listeners.add(listener);
  }

  async close(): Promise<void> {
    if (this.#over) return;
    this.#end(undefined);
    for (const exchange of [...this.#running]) exchange.cut('A conversa foi encerrada.');
    if (this.#session !== undefined) {
      const headers = this.#headers.post;
      await sendQuietly(this.#wire, { path: this.#path, method: 'DELETE', headers }).catch(() => {});
    }
    if (this.#ownsWire) await this.#wire.close();
  }

  // What an exchange tells us.

  asked(request: ServerRequest, exchange: HttpExchange): void {
    this.#answer(request, onlyHandler([exchange], NONE_GIVEN_UP));
  }

  started(sessionId: string): void {
    if (SESSION_ID.test(sessionId)) this.#session = sessionId;
  }

  /** 404 by the specification; 400 by many servers that were written from the SDK's first examples. */
  isSessionOver({ status, error }: HttpReply): boolean {
    if (this.#session === undefined) return false;
    return status === 404 || (status === 400 && error?.code === BAD_REQUEST && /session/i.test(error.message));
  }

  /** What else is running is told so by the upstream itself, each request for its own. */
  sessionEnded(): void {
    if (this.#over) return;
    this.#end(new UpstreamGoneError('O servidor encerrou a sessão.', { sent: true }));
    if (this.#ownsWire) Promise.all([this.#wire.dispatcher.close(), this.#wire.fresh.close()]).catch(() => {});
  }

  finished(exchange: HttpExchange): void {
    this.#running.delete(exchange);
  }

  abandoned(exchange: HttpExchange, reason: string): void {
    // In the modern era the closed stream says it; a request that never left needs no cancelling.
    if (this.#info?.era !== 'legacy' || !exchange.sent || this.#over) return;
    this.#givenUp.add(exchange.id, exchange.caller);
    this.notify(CANCELLED, { requestId: exchange.id, reason });
  }

  resume(exchange: HttpExchange, lastEventId: string, retryMs: number | undefined): boolean {
    if (this.#info?.era !== 'legacy' || this.#over) return false;
    pause(streamDelayMs(0, retryMs), this.#stop.signal).then(() => {
      if (exchange.settled) return;
      const headers = this.#headers.stream(lastEventId);
      this.#wire.dispatcher.dispatch({ path: this.#path, method: 'GET', headers }, exchange);
    });
    return true;
  }

  #answer(request: ServerRequest, handler: RequestHandler | undefined): void {
    const flooded = this.#questions >= MAX_OPEN_QUESTIONS;
    this.#questions += 1;
    answerText(request, flooded ? undefined : handler)
      .then((text) => this.#post(text))
      .catch(() => {})
      .finally(() => {
        this.#questions -= 1;
      });
  }

  #post(body: string): Promise<number> {
    return sendQuietly(this.#wire, { path: this.#path, method: 'POST', headers: this.#headers.post, body });
  }

  /** The GET stream, for as long as the server has one. */
  async #listen(): Promise<void> {
    let lastEventId: string | undefined;
    for (let failures = 0; !this.#over; failures += 1) {
      const request = { path: this.#path, headers: this.#headers.stream(lastEventId) };
      const onEvent = ({ data }: { data: string }): void => this.#heard(data);
      const end = await readServerStream(this.#wire.dispatcher, request, { onEvent }, this.#stop.signal);
      if (this.#over) return;
      if (end.status === 404 && this.hasSession) this.sessionEnded();
      // Most servers have none, and say so with 405 or with another refusal.
      if (end.status >= 400 && end.status < 500) return;
      lastEventId = end.lastEventId ?? lastEventId;
      if (end.opened) failures = 0;
      await pause(streamDelayMs(failures, end.retryMs), this.#stop.signal);
    }
  }

  #heard(data: string): void {
    for (const message of readMessages(data)) {
      if (message.kind === 'notification') this.#listeners.tell(message.method, message.params);
      else if (message.kind === 'request') this.#answer(message, onlyHandler(this.#running, this.#givenUp));
    }
  }

  #end(reason: Error | undefined): void {
    this.#over = true;
    this.#stop.abort();
    this.#changes?.stop();
    this.#close(reason);
  }
}
