/** Everything the simulator received, in order, with how it ended. */
export interface JournalEntry {
  readonly at: Date;
  readonly path: string;
  readonly appKey: string | undefined;
  readonly companyId: string | undefined;
  readonly call: string | undefined;
  readonly param: unknown;
  /** "ok", a fault class ("EMPTY", "LOCK"…), an injected fault's kind, or "html"/"redirect" for what never was a call. */
  readonly outcome: string;
  readonly faultcode: string | undefined;
  readonly status: number | undefined;
  /** Calls of the same application and method under way, this one included, when it was let in. */
  readonly inFlight: number;
  /** The client closed the connection before the whole answer had left. */
  readonly abandoned: boolean;
}

/** Long benchmarks would fill the memory with entries nobody reads; the counts go on. */
const MAX_ENTRIES = 20_000;

export class Journal implements Iterable<JournalEntry> {
  #entries: JournalEntry[] = [];
  #counts = new Map<string, number>();
  #total = 0;

  /** The latest entries, oldest first. */
  get entries(): readonly JournalEntry[] {
    return this.#entries;
  }

  [Symbol.iterator](): Iterator<JournalEntry> {
    return this.#entries[Symbol.iterator]();
  }

  /** Requests received, all of them or those of one call, whatever came of them. */
  count(call?: string): number {
    return call === undefined ? this.#total : (this.#counts.get(call) ?? 0);
  }

  filter(test: (entry: JournalEntry) => boolean): JournalEntry[] {
    return this.#entries.filter(test);
  }

  add(entry: JournalEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > MAX_ENTRIES * 2) this.#entries = this.#entries.slice(-MAX_ENTRIES);
    this.#total += 1;
    if (entry.call !== undefined) this.#counts.set(entry.call, (this.#counts.get(entry.call) ?? 0) + 1);
  }

  clear(): void {
    this.#entries = [];
    this.#counts = new Map();
    this.#total = 0;
  }
}
