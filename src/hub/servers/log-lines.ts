const MAX_LINES = 500;
const MAX_LINE = 2_000;

/** The last lines of each server, in memory: enough to see why one does not start, bounded whatever it prints. */
export class LogLines {
  readonly #lines = new Map<string, string[]>();
  readonly #now: () => Date;

  constructor(now: () => Date = () => new Date()) {
    this.#now = now;
  }

  add(id: string, line: string): void {
    const lines = this.#lines.get(id) ?? [];
    this.#lines.set(id, lines);
    const text = line.length > MAX_LINE ? `${line.slice(0, MAX_LINE)}…` : line;
    lines.push(`${this.#now().toISOString()} ${text}`);
    if (lines.length > MAX_LINES) lines.shift();
  }

  /** Oldest first. */
  last(id: string, limit: number): readonly string[] {
    return (this.#lines.get(id) ?? []).slice(-limit);
  }

  forget(id: string): void {
    this.#lines.delete(id);
  }
}
