/** MCP over HTTP+SSE, the transport of 2024-11-05: one event stream towards us, one POST for each of our messages. */

import type { Dispatcher } from 'undici';
import { CancelledError } from '../../errors.ts';
import { PROTOCOL_VERSION_HEADER } from '../../protocol/headers.ts';
import { INITIALIZE, INITIALIZED } from '../../protocol/methods.ts';
import { describe } from './connection-loss.ts';
import { Conversation, type LineWire, type RequestEnd } from './conversation.ts';
import type { StreamEvent } from './event-stream-reader.ts';
import { initializeParams, readInitialize } from './handshake.ts';
import { type HttpTarget, ownHeaders } from './http-headers.ts';
import type { HttpParts } from './http-link.ts';
import { sendPatiently, sendQuietly } from './http-post.ts';
import { type HttpWire, openHttpWire } from './http-wire.ts';
import { LineLink } from './line-link.ts';
import type { Link, LinkInfo, OpenLinkOptions } from './link.ts';
import { HttpRefusalError, UpstreamGoneError, UpstreamTimeoutError } from './link-errors.ts';
import { readServerStream, type StreamEnd } from './server-stream.ts';

/** @throws UpstreamGoneError, UpstreamTimeoutError, UpstreamAnswerError, CancelledError, BlockedAddressError */
export async function openSseLink(target: HttpTarget, options: OpenLinkOptions, parts: HttpParts): Promise<Link> {
  const endsAt = performance.now() + options.connectTimeoutMs;
  const left = (): number => Math.max(1, endsAt - performance.now());
  const { connectTimeoutMs } = options;
  const wire = parts.wire ?? (await openHttpWire(target.url, { ...parts, connectTimeoutMs }));
  const link = new SseLink(target, options, wire, parts.wire === undefined);
  try {
    await link.endpointWithin(left());
    const timing = { signal: options.signal, timeoutMs: left() };
    const info = readInitialize(await link.request(INITIALIZE, initializeParams(options), timing), true);
    return link.begin(info);
  } catch (thrown) {
    await link.close();
    throw thrown;
  }
}

class SseLink extends LineLink {
  readonly closed: Promise<Error | undefined>;
  protected readonly conversation: Conversation;
  readonly #wire: HttpWire;
  readonly #ownsWire: boolean;
  readonly #opening: AbortSignal;
  readonly #credentials: readonly string[];
  readonly #stop = new AbortController();
  readonly #endpoint: Promise<string>;
  #foundEndpoint: (path: string) => void = () => {};
  #path: string | undefined;
  #badEndpoint = false;
  #ended: Error | undefined;
  /** The signal of the opening has nothing more to say. */
  #opened: () => void = () => {};

  constructor(target: HttpTarget, options: OpenLinkOptions, wire: HttpWire, ownsWire: boolean) {
    super();
    this.#wire = wire;
    this.#ownsWire = ownsWire;
    this.#credentials = ownHeaders(target);
    this.conversation = new Conversation(this.#line, options);
    this.#endpoint = new Promise((resolve) => {
      this.#foundEndpoint = resolve;
    });
    this.#opening = options.signal;
    if (options.signal.aborted) this.#abort();
    options.signal.addEventListener('abort', this.#abort, { once: true });
    this.#opened = () => options.signal.removeEventListener('abort', this.#abort);
    const request = {
      path: `${wire.url.pathname}${wire.url.search}`,
      headers: [...this.#credentials, 'accept', 'text/event-stream', 'cache-control', 'no-store'],
    };
    const onEvent = (event: StreamEvent): void => this.#event(event);
    this.closed = readServerStream(wire.dispatcher, request, { onEvent }, this.#stop.signal).then((end) => {
      this.#opened();
      const reason = this.#badEndpoint ? new UpstreamGoneError(FOREIGN_ENDPOINT, { sent: false }) : reasonOf(end);
      this.conversation.lost(reason);
      this.#ended = reason;
      return this.#stop.signal.aborted && !this.#badEndpoint ? undefined : reason;
    });
  }

  /** The stream's first event says where to write. */
  async endpointWithin(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(
        () => reject(new UpstreamTimeoutError('O endereço para mensagens não veio a tempo.', { sent: false })),
        ms,
      );
    });
    const lost = this.closed.then(() => {
      if (this.#opening.aborted) throw new CancelledError();
      throw this.#ended ?? new UpstreamGoneError('O fluxo terminou.', { sent: false });
    });
    try {
      await Promise.race([this.#endpoint, late, lost]);
    } finally {
      clearTimeout(timer);
    }
  }

  begin(info: LinkInfo): this {
    this.agreed = info;
    this.#opened();
    this.notify(INITIALIZED);
    return this;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    if (this.#ownsWire) await this.#wire.close();
    await this.closed;
  }

  readonly #abort = (): void => this.#stop.abort();

  #event({ name, data }: StreamEvent): void {
    if (name === 'message') this.conversation.receiveEvent(data);
    else if (name === 'endpoint' && this.#path === undefined) this.#toEndpoint(data);
  }

  /** On another origin it would be given our credential, and an address nobody checked. */
  #toEndpoint(address: string): void {
    const url = URL.canParse(address, this.#wire.url.href) ? new URL(address, this.#wire.url) : undefined;
    if (url === undefined || url.origin !== this.#wire.url.origin) {
      this.#badEndpoint = true;
      this.#stop.abort();
      return;
    }
    this.#path = `${url.pathname}${url.search}`;
    this.#foundEndpoint(this.#path);
  }

  readonly #line: LineWire = {
    send: (text, failed) => whenTaken(sendQuietly(this.#wire, this.#post(text)), failed),
    ask: (text, failed, isSafe) => {
      const post = sendPatiently(this.#wire, this.#post(text), isSafe);
      whenTaken(post.taken, failed);
      return (end: RequestEnd) => (end === 'settled' ? post.hurry() : post.drop());
    },
  };

  #post(body: string): Dispatcher.DispatchOptions {
    const headers = [...this.#credentials, 'content-type', 'application/json'];
    if (this.agreed !== undefined) headers.push(PROTOCOL_VERSION_HEADER, this.agreed.protocolVersion);
    return { path: this.#path ?? '/', method: 'POST', headers, body };
  }
}

function whenTaken(taken: Promise<number>, failed: (error: UpstreamGoneError) => void): void {
  taken.then(
    (status) => {
      // The message was not taken, so no answer will come on the stream.
      if (status >= 500) failed(new UpstreamGoneError(`O servidor falhou (HTTP ${status}).`, { sent: true }));
      else if (status >= 300)
        failed(new UpstreamGoneError(`O servidor não aceitou a mensagem (HTTP ${status}).`, { sent: false }));
    },
    (error: UpstreamGoneError) => failed(error),
  );
}

const FOREIGN_ENDPOINT = 'O servidor manda falar com um endereço de outra origem.';

function reasonOf({ status, opened, cause }: StreamEnd): Error {
  if (opened) return new UpstreamGoneError('O fluxo de eventos terminou.', { sent: true });
  if (status === 401 || status === 403) {
    return new HttpRefusalError(status);
  }
  const unheard = cause === undefined ? 'A conexão falhou.' : describe(cause);
  return new UpstreamGoneError(status === 0 ? unheard : `Não há fluxo de eventos (HTTP ${status}).`, { sent: false });
}
