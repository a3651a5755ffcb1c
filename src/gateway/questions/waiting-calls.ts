import type { Principal } from '../../companies/principal.ts';
import { busy, InvalidStateError } from '../../errors.ts';
import type { OpenCall } from './open-call.ts';

/** Each holds a request to its upstream open. */
const MAX_CALLS = 256;
const MAX_PER_PRINCIPAL = 16;

/** Calls whose client was asked something and has not come back with it. */
export class WaitingCalls {
  readonly #ttlMs: number;
  readonly #calls = new Map<string, { readonly call: OpenCall; readonly timer: NodeJS.Timeout }>();

  /** @param ttlMs how long a call waits; nobody comes back later */
  constructor(ttlMs: number) {
    this.#ttlMs = ttlMs;
  }

  get size(): number {
    return this.#calls.size;
  }

  /** @throws OverloadError when too many wait already; the call is cancelled then */
  keep(call: OpenCall): void {
    const { id } = call.principal;
    const ofPrincipal = [...this.#calls.values()].filter((one) => one.call.principal.id === id);
    if (this.#calls.size >= MAX_CALLS || ofPrincipal.length >= MAX_PER_PRINCIPAL) {
      call.cancel();
      throw busy();
    }
    const timer = setTimeout(() => {
      this.#calls.delete(call.id);
      call.cancel();
    }, this.#ttlMs).unref();
    this.#calls.set(call.id, { call, timer });
  }

  /**
   * The call, which waits no longer.
   *
   * @throws InvalidStateError when it is over, was continued from this round before, waits at another replica, or is
   * somebody else's
   */
  take(id: string, round: number, principal: Principal): OpenCall {
    const waiting = this.#calls.get(id);
    if (waiting === undefined || waiting.call.round !== round || waiting.call.principal !== principal) {
      throw new InvalidStateError();
    }
    clearTimeout(waiting.timer);
    this.#calls.delete(id);
    return waiting.call;
  }

  close(): void {
    for (const { call, timer } of this.#calls.values()) {
      clearTimeout(timer);
      call.cancel();
    }
    this.#calls.clear();
  }
}
