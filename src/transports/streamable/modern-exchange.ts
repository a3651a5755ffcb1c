import type { ServerResponse } from 'node:http';
import type { Principal } from '../../companies/principal.ts';
import type { KeepAlive } from '../keep-alive.ts';
import type { Cancel } from '../modern-endpoint.ts';
import type { SessionParts } from '../session-parts.ts';
import { Channel } from './channel.ts';
import { Exchange, type ExchangeHost } from './exchange.ts';

/** The exchange of one admitted request of 2026-07-28: nothing to resume, and hanging up is how a client cancels ("Cancellation"). */
export class ModernExchange implements ExchangeHost {
  readonly primesStreams = false;
  readonly principal: Principal;
  readonly #res: ServerResponse;
  readonly #parts: SessionParts;
  readonly #exchange: Exchange;
  #cancel: Cancel | undefined;

  constructor(res: ServerResponse, parts: SessionParts, principal: Principal) {
    this.principal = principal;
    this.#res = res;
    this.#parts = parts;
    parts.inFlight.enter();
    parts.exchanges.add(this);
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

  /** Hangs up: the rights of whoever asked have ended. */
  cutOff(): void {
    this.#res.destroy();
  }

  finished(): void {
    this.#left();
  }

  gone(): void {
    this.#left();
    this.#cancel?.();
  }

  #left(): void {
    this.#parts.exchanges.delete(this);
    this.#parts.inFlight.leave();
    this.#parts.admission.leave(this.principal);
  }
}
