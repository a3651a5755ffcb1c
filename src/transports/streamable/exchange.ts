import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { JsonText, RequestId } from '../../protocol/json-rpc.ts';
import type { Reply } from '../../server/lane.ts';
import { writeJson } from '../http-reply.ts';
import type { KeepAlive } from '../keep-alive.ts';
import type { Channel } from './channel.ts';
import { EventStream } from './event-stream.ts';

/** What an exchange needs of whoever received its request. */
export interface ExchangeHost {
  readonly keepAlive: KeepAlive;
  /** A numbered channel for an answer that becomes a stream; a plain one where nothing can be resumed. */
  openChannel(): Channel;
  /** True when a stream should begin with an id to resume from (2025-11-25). */
  readonly primesStreams: boolean;
  /** The last answer is out, the last of them on this channel if the response became a stream. */
  finished(channel: Channel | undefined): void;
  /** The client hung up and no later request can fetch the answers. */
  gone(exchange: Exchange): void;
}

/**
 * One POST that carries requests, until each is answered. A lone answer is one JSON body with its length; only when
 * something precedes it does the response become an event stream ("Sending Messages to the Server").
 */
export class Exchange implements Reply {
  readonly #res: ServerResponse;
  readonly #host: ExchangeHost;
  readonly #batch: boolean;
  #waiting: number;
  #collected: string[] | undefined;
  #channel: Channel | undefined;

  constructor(res: ServerResponse, host: ExchangeHost, requests: number, batch = false) {
    this.#res = res;
    this.#host = host;
    this.#waiting = requests;
    this.#batch = batch;
    res.on('close', () => this.#closed());
  }

  notify(text: string): void {
    if (this.#waiting > 0) this.#stream().send(text);
  }

  answer(_id: RequestId, text: JsonText, status = 200, headers?: OutgoingHttpHeaders): void {
    if (this.#waiting === 0) return;
    this.#waiting -= 1;
    if (this.#channel !== undefined) this.#channel.send(text.toString());
    else if (this.#batch) this.#collect(text.toString());
    else writeJson(this.#res, status, text, headers);
    if (this.#waiting === 0) this.#finish();
  }

  /** One request less to answer: it was cancelled, and a cancelled request gets no answer. */
  abandon(): void {
    if (this.#waiting === 0) return;
    this.#waiting -= 1;
    if (this.#waiting > 0) return;
    if (this.#channel === undefined) {
      // A stream that ends without an answer is the only legal way to say nothing to a request.
      if (this.#collected === undefined) this.#stream();
      else this.#writeCollected(this.#collected);
    }
    this.#finish();
  }

  /** Ends the response but not the exchange: the client is to come back for the rest with `Last-Event-ID`. */
  disconnect(): void {
    if (this.#waiting > 0) this.#stream().end();
  }

  #collect(text: string): void {
    this.#collected ??= [];
    this.#collected.push(text);
    if (this.#waiting === 0) this.#writeCollected(this.#collected);
  }

  #writeCollected(texts: readonly string[]): void {
    writeJson(this.#res, 200, `[${texts.join(',')}]`);
  }

  #stream(): Channel {
    if (this.#channel !== undefined) return this.#channel;
    const channel = this.#host.openChannel();
    this.#channel = channel;
    if (this.#res.destroyed || this.#res.headersSent) return channel;
    const stream = new EventStream(this.#res, this.#host.keepAlive);
    if (this.#host.primesStreams) channel.prime(stream);
    channel.attach(stream);
    for (const text of this.#collected ?? []) channel.send(text);
    return channel;
  }

  #finish(): void {
    this.#channel?.end();
    this.#host.finished(this.#channel);
  }

  #closed(): void {
    if (this.#waiting === 0 || this.#channel?.resumable === true) return;
    this.#waiting = 0;
    this.#host.gone(this);
  }
}
