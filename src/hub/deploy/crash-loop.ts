/** How often a server may fall within the window before it is given up. */
const MOST_FALLS = 5;
const WINDOW_MS = 120_000;

/** Tells a server that falls again and again from one that fell. The gateway waits longer each time; this ends it. */
export class CrashLoop {
  readonly #now: () => number;
  readonly #falls = new Map<string, number[]>();

  /** @param now milliseconds of a clock that only goes forward */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @returns true when this fall was one too many */
  fell(id: string): boolean {
    const since = this.#now() - WINDOW_MS;
    const falls = [...(this.#falls.get(id) ?? []).filter((at) => at > since), this.#now()];
    this.#falls.set(id, falls);
    return falls.length >= MOST_FALLS;
  }

  forget(id: string): void {
    this.#falls.delete(id);
  }
}
