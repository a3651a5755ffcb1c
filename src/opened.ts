/**
 * What was opened so far, to be closed in the opposite order: when what it makes up is left, and when that could not be finished.
 * (Node's own AsyncDisposableStack needs Node 24.)
 */
export class Opened {
  readonly #closers: (() => void | Promise<void>)[] = [];

  keep<Part extends { close(): void | Promise<void> }>(part: Part): Part {
    this.defer(() => part.close());
    return part;
  }

  defer(close: () => void | Promise<void>): void {
    this.#closers.push(close);
  }

  /** Closes all of it, whatever one of them says. Again, it does nothing. @throws the first trouble, at the end. */
  async close(): Promise<void> {
    const troubles: unknown[] = [];
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      try {
        await close();
      } catch (error) {
        troubles.push(error);
      }
    }
    if (troubles.length > 0) throw troubles[0];
  }
}
