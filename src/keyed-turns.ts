/** One piece of work of each key at a time, in the order in which they were asked for; those of different keys go on together. */
export class KeyedTurns {
  readonly #last = new Map<string, Promise<void>>();

  /** Begins when what was asked for before has ended, well or not. @throws what the work throws */
  take<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(key) ?? Promise.resolve()).then(work, work);
    const settled = turn.then(
      () => {},
      () => {},
    );
    this.#last.set(key, settled);
    void settled.then(() => {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    });
    return turn;
  }

  /** Resolves when everything asked for until now has ended, or the time is over. */
  async settled(withinMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs);
    });
    await Promise.race([Promise.all(this.#last.values()), late]);
    clearTimeout(timer);
  }
}
