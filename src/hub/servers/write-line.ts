import { HubError } from '../problem.ts';

/** Writes one after the other: what was told last is what is kept. */
export class WriteLine {
  readonly #afterEach: () => Promise<void>;
  /** Those of which none has begun, by whose they are. */
  readonly #waiting = new Map<string, Promise<void>>();
  #end: Promise<void> = Promise.resolve();
  #isLeft = false;

  /** @param afterEach is done after each that succeeded, before the next; never rejects */
  constructor(afterEach: () => Promise<void>) {
    this.#afterEach = afterEach;
  }

  /** Nobody waits any more. */
  get isLeft(): boolean {
    return this.#isLeft;
  }

  /** @throws as the work does; HubError when the line was left before it began */
  put(work: () => Promise<void>): Promise<void> {
    const turn = this.#end.then(() => {
      if (!this.#isLeft) return work();
      throw new HubError('conflito_de_estado', 'O hub está sendo encerrado: isto não foi gravado.');
    });
    this.#end = turn.then(this.#afterEach, () => {});
    return turn;
  }

  /** For work that writes what is so by then: while one waits, whoever asks for the same has that one. */
  once(key: string, work: () => Promise<void>): Promise<void> {
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return waiting;
    const turn = this.put(() => {
      this.#waiting.delete(key);
      return work();
    });
    this.#waiting.set(key, turn);
    return turn;
  }

  /**
   * Resolves when all that was put until now has ended and the last work as well; what has not begun after a time is not
   * begun any more.
   *
   * @param last is done whether the others were or not, behind them
   * @returns whether that was in time
   * @throws as the last work does in time
   */
  async finish(last: () => Promise<void>, withinMs: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<false>((resolve) => {
      timer = setTimeout(() => {
        this.#isLeft = true;
        resolve(false);
      }, withinMs);
    });
    try {
      return await Promise.race([this.#end.then(last).then(() => true), late]);
    } finally {
      clearTimeout(timer);
    }
  }
}
