/** One action of each server at a time, in the order in which they were asked for; those of different servers go on together. */
export class Turns {
  readonly #last = new Map<string, Promise<void>>();

  /** Begins when what was asked for before has ended, well or not. @throws what the work throws */
  take<T>(id: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(id) ?? Promise.resolve()).then(work, work);
    const settled = turn.then(
      () => {},
      () => {},
    );
    this.#last.set(id, settled);
    void settled.then(() => {
      if (this.#last.get(id) === settled) this.#last.delete(id);
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
