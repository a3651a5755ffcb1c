/**
 * Who has which part of the pool's connections. The pool takes one back two turns of the event loop after its answer:
 * whoever asks within these finds it busy and opens another, a handshake that costs more than the wait.
 */
export class Connections {
  #open = 0;
  /** Asked for and not yet back, those that are being opened among them. */
  #taken = 0;
  /** Of those, the ones whose answer has come. */
  #returning = 0;
  readonly #waiting: (() => void)[] = [];

  opened(): void {
    this.#open += 1;
  }

  closed(): void {
    this.#open -= 1;
  }

  /** Waits for a connection that is on its way back when none is free; resolves at once for one that is or has to be opened. */
  take(): Promise<void> {
    const waits = this.#taken >= this.#open && this.#returning > this.#waiting.length;
    if (waits) return new Promise((resolve) => this.#waiting.push(resolve));
    this.#taken += 1;
    return Promise.resolve();
  }

  /** Its answer has come. */
  giveBack(): void {
    this.#returning += 1;
    setImmediate(() => setImmediate(this.#returned));
  }

  /** Nothing came of it: there is nothing to wait for. */
  drop(): void {
    this.#taken -= 1;
  }

  readonly #returned = (): void => {
    this.#returning -= 1;
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken -= 1;
    else next();
  };
}
