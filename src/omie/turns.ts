/**
 * Pieces of work, a few for each turn of the event loop: what arrived or may leave meanwhile goes in between. Two hundred
 * pages that come at once would otherwise be parsed in one go, and the requests that follow them wait for the last. One
 * piece a turn would be fairest, but a turn of its own costs as much as a small piece. Whoever comes alone waits for nothing.
 */
export class Turns {
  readonly #size: number;
  readonly #waiting: (() => void)[] = [];
  /** Pieces begun in this turn. */
  #begun = 0;
  #scheduled = false;

  /** `size`: pieces in one turn. */
  constructor(size: number) {
    this.#size = size;
  }

  /** Resolves when there is room for the caller's piece: at once, or in one of the next turns. */
  next(): Promise<void> {
    if (this.#begun >= this.#size) return this.later();
    this.#begun += 1;
    this.#schedule();
    return Promise.resolve();
  }

  /** Resolves in one of the next turns, first come first served. */
  later(): Promise<void> {
    this.#schedule();
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(this.#turn);
  }

  readonly #turn = (): void => {
    this.#scheduled = false;
    const next = this.#waiting.splice(0, this.#size);
    this.#begun = next.length;
    // One more turn at least: there the room of this one ends.
    if (next.length > 0) this.#schedule();
    for (const resolve of next) resolve();
  };
}
