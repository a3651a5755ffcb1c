export interface BoundedLinesParts<Line> {
  readonly write: (line: Line) => void;
  /** Stands for so many that were not written. */
  readonly more: (count: number) => Line;
  readonly perMinute: number;
}

const MINUTE_MS = 60_000;

/**
 * Lines about what anybody may bring about as often as they like, and that are kept for good: a flood must not fill the disk.
 * Beyond so many a minute they are counted, and the count is written when the minute is over.
 */
export class BoundedLines<Line> {
  readonly #parts: BoundedLinesParts<Line>;
  #written = 0;
  #left = 0;
  #minute: NodeJS.Timeout | undefined;

  constructor(parts: BoundedLinesParts<Line>) {
    this.#parts = parts;
  }

  add(line: Line): void {
    this.#minute ??= setTimeout(() => this.close(), MINUTE_MS).unref();
    if (this.#written >= this.#parts.perMinute) {
      this.#left += 1;
      return;
    }
    this.#written += 1;
    this.#parts.write(line);
  }

  /** Ends the minute: what was left out is told of. */
  close(): void {
    clearTimeout(this.#minute);
    this.#minute = undefined;
    const left = this.#left;
    this.#written = 0;
    this.#left = 0;
    if (left > 0) this.#parts.write(this.#parts.more(left));
  }
}
