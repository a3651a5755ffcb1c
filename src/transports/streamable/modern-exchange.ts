import type { ServerResponse } from 'node:http';
import type { KeepAlive } from '../keep-alive.ts';
import type { Cancel } from '../modern-endpoint.ts';
import type { SessionParts } from '../session-parts.ts';
import { Channel } from './channel.ts';
import { Exchange, type ExchangeHost } from './exchange.ts';

/** The exchange of one admitted request of 2026-07-28: nothing to resume, and hanging up is how a client cancels ("Cancellation"). */
export class ModernExchange implements ExchangeHost {
  readonly primesStreams = false;
  readonly #parts: SessionParts;
  readonly #exchange: Exchange;
  #cancel: Cancel | undefined;

  constructor(res: ServerResponse, parts: SessionParts) {
    this.#parts = parts;
    parts.inFlight.enter();
    this.#exchange = new Exchange(res, this, 1);
  }

  get keepAlive(): KeepAlive {
    return this.#parts.keepAlive;
  }

  serve(start: (reply: Exchange) => Cancel): void {
    this.#cancel = start(this.#exchange);
  }

  openChannel(): Channel {
    return new Channel();
  }

  finished(): void {
    this.#left();
  }

  gone(): void {
    this.#left();
    this.#cancel?.();
  }

  #left(): void {
    this.#parts.inFlight.leave();
    this.#parts.admission.leave();
  }
}
