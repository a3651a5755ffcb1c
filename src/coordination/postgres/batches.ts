/**
 * Gathers what is asked in one turn of the event loop and sends it together, one batch under way at a time: what comes
 * meanwhile goes with the next. Two hundred questions at once are two or three round trips instead of two hundred.
 */
export class Batches<Item> {
  readonly #mostAtOnce: number;
  readonly #send: (items: readonly Item[]) => Promise<void>;
  #waiting: Item[] = [];
  #sending = false;

  /** `send` never rejects. */
  constructor(mostAtOnce: number, send: (items: readonly Item[]) => Promise<void>) {
    this.#mostAtOnce = mostAtOnce;
    this.#send = send;
  }

  add(item: Item): void {
    this.#waiting.push(item);
    if (this.#sending) return;
    this.#sending = true;
    setImmediate(this.#drain);
  }

  readonly #drain = async (): Promise<void> => {
    while (this.#waiting.length > 0) await this.#send(this.#waiting.splice(0, this.#mostAtOnce));
    this.#sending = false;
  };
}
