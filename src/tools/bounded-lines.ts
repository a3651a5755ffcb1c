export interface BoundedLinesParts<Line> {
  readonly write: (line: Line) => void;
  /** Stands for so many of one source that were not written. */
  readonly more: (count: number, source: string) => Line;
  /** Of each source. */
  readonly perMinute: number;
}

const MINUTE_MS = 60_000;
/** In a minute; what comes of further ones is counted together. */
const MAX_SOURCES = 200;
const OTHERS = '';

/**
 * Lines about what anybody may bring about as often as they like, and that are kept for good: a flood must not fill the disk.
 * Beyond so many a minute they are counted, and the count is written when the minute is over. Where sources are told apart,
 * the flood of one hides nothing of another.
 */
export class BoundedLines<Line> {
  readonly #parts: BoundedLinesParts<Line>;
  readonly #sources = new Map<string, { written: number; left: number }>();
  #minute: NodeJS.Timeout | undefined;

  constructor(parts: BoundedLinesParts<Line>) {
    this.#parts = parts;
  }

  add(line: Line, source = OTHERS): void {
    this.#minute ??= setTimeout(() => this.close(), MINUTE_MS).unref();
    const count = this.#countOf(source);
    if (count.written >= this.#parts.perMinute) {
      count.left += 1;
      return;
    }
    count.written += 1;
    this.#parts.write(line);
  }

  #countOf(source: string): { written: number; left: number } {
    const key = this.#sources.has(source) || this.#sources.size < MAX_SOURCES ? source : OTHERS;
    const known = this.#sources.get(key);
    if (known !== undefined) return known;
    const fresh = { written: 0, left: 0 };
    this.#sources.set(key, fresh);
    return fresh;
  }

  /** Ends the minute: what was left out is told of. */
  close(): void {
    clearTimeout(this.#minute);
    this.#minute = undefined;
    const over = [...this.#sources];
    this.#sources.clear();
    for (const [source, { left }] of over) if (left > 0) this.#parts.write(this.#parts.more(left, source));
  }
}
