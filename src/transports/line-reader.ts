/** More than any message has a reason to be; the SDK's own reader has the same limit. */
export const MAX_LINE_BYTES = 10 * 1024 * 1024;

const NEWLINE = 10;

/** Cuts a stream of bytes into lines. A line that grows too long is reported once and skipped to its end. */
export class LineReader {
  readonly #onLine: (line: string) => void;
  readonly #onTooLong: () => void;
  #parts: Buffer[] = [];
  #size = 0;
  #skipping = false;

  constructor(onLine: (line: string) => void, onTooLong: () => void) {
    this.#onLine = onLine;
    this.#onTooLong = onTooLong;
  }

  push(chunk: Buffer): void {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      this.#append(chunk.subarray(start, end));
      this.flush();
      start = end + 1;
    }
    this.#append(chunk.subarray(start));
  }

  /** Ends the current line, as the end of the stream does. */
  flush(): void {
    const line = this.#skipping ? '' : Buffer.concat(this.#parts, this.#size).toString('utf8').trim();
    this.#parts = [];
    this.#size = 0;
    this.#skipping = false;
    if (line !== '') this.#onLine(line);
  }

  #append(part: Buffer): void {
    if (this.#skipping || part.length === 0) return;
    this.#size += part.length;
    if (this.#size <= MAX_LINE_BYTES) {
      this.#parts.push(part);
      return;
    }
    this.#parts = [];
    this.#skipping = true;
    this.#onTooLong();
  }
}
