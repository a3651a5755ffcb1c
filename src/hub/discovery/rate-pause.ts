import { HubError } from '../problem.ts';

/** Who was told to wait waits: asking on is answered with longer waits, and at last with a ban. */
export class RatePause {
  readonly #name: string;
  readonly #now: () => Date;
  readonly #untilMs = new Map<string, number>();

  /** @param name of the service, for people */
  constructor(name: string, now: () => Date) {
    this.#name = name;
    this.#now = now;
  }

  /** @param what the limited part of the service, e.g. `search`. @throws HubError while it is to be left alone */
  check(what: string): void {
    const until = this.#untilMs.get(what);
    if (until !== undefined && until > this.#now().getTime()) throw this.#problem(until);
  }

  /** @param untilMs epoch milliseconds. @returns the problem to tell */
  begin(what: string, untilMs: number): HubError {
    const until = Math.max(untilMs, this.#now().getTime() + 1_000);
    this.#untilMs.set(what, until);
    return this.#problem(until);
  }

  #problem(until: number): HubError {
    const at = new Date(until).toISOString();
    return new HubError('fonte_indisponivel', `${this.#name} limita os pedidos até ${at}.`, {
      hint: `Repita depois de ${at}; até lá ele não é consultado.`,
      retryAfterMs: until - this.#now().getTime(),
    });
  }
}
