/**
 * Pieces of work, a few for each turn of the event loop: what arrived or may leave meanwhile goes in between. Two hundred
 * pages that come at once would otherwise be parsed in one go, and the requests that follow them wait for the last. One
 * piece a turn would be fairest, but a turn of its own costs as much as a small piece.
 */
export class Turns {
  readonly #size: number;
  readonly #waiting: (() => void)[] = [];

  /** `size`: pieces in one turn. */
  constructor(size: number) {
    this.#size = size;
  }

  /** Resolves when it is the caller's turn, first come first served. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#waiting.push(resolve) === 1) setImmediate(this.#serve);
    });
  }

  readonly #serve = (): void => {
    for (const resolve of this.#waiting.splice(0, this.#size)) resolve();
    if (this.#waiting.length > 0) setImmediate(this.#serve);
  };
}
