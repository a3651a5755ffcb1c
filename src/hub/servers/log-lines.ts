import { shorten } from '../../shorten.ts';

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
    lines.push(`${this.#now().toISOString()} ${shorten(line, MAX_LINE)}`);
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
