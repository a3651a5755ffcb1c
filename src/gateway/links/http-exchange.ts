/** One request over Streamable HTTP, from its first byte to its answer, which comes as one JSON body or on a stream. */

import type { Dispatcher } from 'undici';
import { SESSION_ID_HEADER } from '../../protocol/headers.ts';
import { INITIALIZE } from '../../protocol/methods.ts';
import { goneBy } from './connection-loss.ts';
import { EventStreamReader } from './event-stream-reader.ts';
import { type HttpReply, lossOf, refusalOf } from './http-refusal.ts';
import type { LinkRequestOptions } from './link.ts';
import { MalformedAnswerError, OversizedAnswerError, UpstreamAnswerError, UpstreamGoneError } from './link-errors.ts';
import { ownNotification, type ProgressToken } from './outgoing.ts';
import { PendingRequest } from './pending-request.ts';
import { readMessages, readPlainEvent, readPlainResult, type WireMessage } from './read-message.ts';
import type { ServerRequest } from './server-requests.ts';
import { utf8Text } from './utf8.ts';

/** A body, or one event of a stream. */
export const MAX_ANSWER_BYTES = 16 * 1_048_576;
/** No further byte of a body that has begun. */
const IDLE_MS = 30_000;
/** A stream that has said everything should end; its connection is worth more than this wait. */
const LINGER_MS = 1_000;

export interface ExchangeHost {
  /** The upstream asks us something while it serves this request. */
  asked(request: ServerRequest, exchange: HttpExchange): void;
  /** A session id given with the answer to `initialize`. */
  started(sessionId: string): void;
  /** True when a refusal with this status means that our session is over. */
  isSessionOver(reply: HttpReply): boolean;
  sessionEnded(): void;
  /** The request is settled, one way or another. */
  finished(exchange: HttpExchange): void;
  /** Nobody waits for this request any more. */
  abandoned(exchange: HttpExchange, reason: string): void;
  /** The stream ended early and can be taken up again; false when it cannot. */
  resume(exchange: HttpExchange, lastEventId: string, retryMs: number | undefined): boolean;
}

export class HttpExchange extends PendingRequest implements Dispatcher.DispatchHandler {
  readonly #host: ExchangeHost;
  #controller: Dispatcher.DispatchController | undefined;
  #began = false;
  #status = 0;
  #retryAfter: string | undefined;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #expected = -1;
  #stream: EventStreamReader | undefined;
  #waiting: NodeJS.Timeout | undefined;
  /** The upstream took the request up and its stream broke: from here on only the rest of the answer is asked for. */
  #resumed = false;

  constructor(
    id: number,
    method: string,
    token: ProgressToken | undefined,
    options: LinkRequestOptions,
    host: ExchangeHost,
  ) {
    super(id, method, token, options);
    this.#host = host;
  }

  get sent(): boolean {
    return this.#began;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    // Given up while still waiting for a connection: nothing may be sent any more.
    if (this.settled) controller.abort(GIVEN_UP);
    else this.#began = true;
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    this.#status = status;
    this.#chunks = [];
    this.#bytes = 0;
    const lastEventId = this.#stream?.lastEventId;
    this.#stream = undefined;
    this.#retryAfter = one(headers['retry-after']);
    const session = one(headers[SESSION_ID_HEADER]);
    if (session !== undefined && this.method === INITIALIZE && status === 200) this.#host.started(session);
    if (one(headers['content-encoding']) !== undefined) {
      this.#break(controller, 'A resposta vem compactada, o que não foi pedido.');
    } else if (status === 200 && one(headers['content-type'])?.startsWith('text/event-stream')) {
      this.#stream = new EventStreamReader((event) => this.#event(event.data), MAX_ANSWER_BYTES);
      this.#stream.lastEventId = lastEventId;
    } else this.#expected = Number(one(headers['content-length']) ?? -1);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#stream !== undefined) {
      if (!this.#stream.push(chunk)) this.#tooLarge(controller);
      else if (this.settled) this.#linger(LINGER_MS);
      return;
    }
    this.#bytes += chunk.length;
    if (this.#bytes > MAX_ANSWER_BYTES) {
      if (this.#status === 200) this.#tooLarge(controller);
      else this.#break(controller, 'A recusa é grande demais.');
    } else {
      this.#chunks.push(chunk);
      if (this.#bytes !== this.#expected) this.#linger(IDLE_MS);
    }
  }

  onResponseEnd(): void {
    clearTimeout(this.#waiting);
    if (this.settled) return;
    if (this.#stream === undefined) this.#readBody();
    else this.#interrupted(new Error('The stream ended before the answer.'));
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    clearTimeout(this.#waiting);
    if (!this.settled) this.#interrupted(error);
  }

  /** The conversation ends while this request runs. */
  cut(why: string): void {
    clearTimeout(this.#waiting);
    if (this.fail(new UpstreamGoneError(why, { sent: this.#began }))) this.#controller?.abort(GIVEN_UP);
  }

  protected override over(): void {
    this.#host.finished(this);
  }

  protected giveUp(reason: string): void {
    clearTimeout(this.#waiting);
    this.#controller?.abort(GIVEN_UP);
    this.#host.abandoned(this, reason);
  }

  /** Reading the rest of an answer after a break failed before it began: the request itself was sent. */
  #interrupted(cause: Error): void {
    const { lastEventId, retryMs } = this.#stream ?? {};
    if (lastEventId !== undefined && this.#host.resume(this, lastEventId, retryMs)) this.#resumed = true;
    else this.fail(goneBy(cause, this.#began, this.#status));
  }

  #readBody(): void {
    const [only] = this.#chunks;
    const body = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks, this.#bytes);
    this.#chunks = [];
    const plain = this.#status === 200 ? readPlainResult(body) : undefined;
    if (plain?.id === this.id) {
      this.succeedPlain(plain.result);
      return;
    }
    const text = utf8Text(body).trim();
    if (this.#status !== 200) this.#refused(text);
    else {
      for (const message of readMessages(text)) this.#take(message);
      if (!this.settled) this.fail(new UpstreamGoneError('A resposta não é MCP.', { sent: true }));
    }
  }

  #refused(text: string): void {
    const error = readMessages(text).find((message) => message.kind === 'error');
    const reply = { status: this.#status, retryAfter: this.#retryAfter, id: this.id, error };
    const isOver = this.#host.isSessionOver(reply);
    if (this.#resumed) this.fail(lossOf(reply));
    else this.fail(isOver ? new UpstreamGoneError('A sessão acabou.', { sent: false }) : refusalOf(reply));
    if (isOver) this.#host.sessionEnded();
  }

  #event(data: string): void {
    const plain = readPlainEvent(data);
    if (plain?.id === this.id) {
      this.succeedPlain(plain.result);
      return;
    }
    for (const message of readMessages(data)) this.#take(message);
  }

  #take(message: WireMessage): void {
    switch (message.kind) {
      case 'result':
        if (message.id === this.id) this.succeed(message.text);
        break;
      case 'error':
        if (message.id === this.id)
          this.fail(new UpstreamAnswerError(message.code, message.message, { data: message.data }));
        break;
      case 'malformed':
        if (message.id === this.id) this.fail(new MalformedAnswerError());
        break;
      case 'request':
        this.#host.asked(message, this);
        break;
      case 'notification': {
        const params = ownNotification(message.method, message.params, this.id, this.token);
        if (params !== undefined && !this.settled) this.onNotification?.(message.method, params);
      }
    }
  }

  /** One timer, moved on with every piece: most answers come whole and never see it. */
  #linger(ms: number): void {
    if (this.#waiting !== undefined) {
      this.#waiting.refresh();
      return;
    }
    this.#waiting = setTimeout(() => {
      this.fail(new UpstreamGoneError('A resposta parou no meio.', { sent: true }));
      this.#controller?.abort(GIVEN_UP);
    }, ms);
  }

  #tooLarge(controller: Dispatcher.DispatchController): void {
    this.fail(new OversizedAnswerError());
    controller.abort(GIVEN_UP);
  }

  #break(controller: Dispatcher.DispatchController, why: string): void {
    this.fail(new UpstreamGoneError(why, { sent: true }));
    controller.abort(GIVEN_UP);
  }
}

export const GIVEN_UP = new Error('given up');

type Headers = Readonly<Record<string, string | string[] | undefined>>;

export function one(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
