import type { Unwatch } from '../resources/resource-source.ts';

/** The resources that one connection watches. */
export class Subscriptions {
  readonly #watched = new Map<string, Unwatch | undefined>();
  readonly #beginning = new Set<string>();
  readonly #changed: () => void;

  /** @param changed called when others are watched than before, but not when all ends */
  constructor(changed: () => void = () => {}) {
    this.#changed = changed;
  }

  get uris(): readonly string[] {
    return [...this.#watched.keys()];
  }

  get size(): number {
    return this.#watched.size + this.#beginning.size;
  }

  has(uri: string): boolean {
    return this.#watched.has(uri);
  }

  /**
   * @param watch begins to watch; nobody hears of changes before it has
   * @throws as `watch` does, unless it was taken back meanwhile
   */
  async add(uri: string, watch: () => Promise<Unwatch | undefined>): Promise<void> {
    if (this.#watched.has(uri) || this.#beginning.has(uri)) return;
    this.#beginning.add(uri);
    const unwatch = await watch().catch((refusal: unknown) => {
      if (this.#beginning.delete(uri)) throw refusal;
      return undefined;
    });
    // Taken back meanwhile, or the connection is gone.
    if (this.#beginning.delete(uri)) {
      this.#watched.set(uri, unwatch);
      this.#changed();
    } else unwatch?.();
  }

  remove(uri: string): void {
    const isKnown = this.#watched.has(uri);
    this.#end(uri);
    if (isKnown) this.#changed();
  }

  #end(uri: string): void {
    this.#beginning.delete(uri);
    const unwatch = this.#watched.get(uri);
    this.#watched.delete(uri);
    unwatch?.();
  }

  close(): void {
    this.#beginning.clear();
    for (const uri of [...this.#watched.keys()]) this.#end(uri);
  }
}
