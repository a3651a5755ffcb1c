/**
 * Pieces of work, one for each turn of the event loop: what arrived or may leave meanwhile goes in between. Fifty pages
 * that come at once would otherwise be parsed in one go, and the fifty requests that follow them wait for the last.
 * Omie lets us have sixteen pages a second, so one a turn keeps up however busy the loop is.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];

  /** Resolves when it is the caller's turn, first come first served. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) setImmediate(this.#serve);
    });
  }

  readonly #serve = (): void => {
    this.#waiting.shift()?.();
    if (this.#waiting.length > 0) setImmediate(this.#serve);
  };
}
