import { isUtf8 } from 'node:buffer';

/** More than any message has a reason to be; the SDK's own reader has the same limit. */
export const MAX_LINE_BYTES = 10 * 1024 * 1024;

const NEWLINE = 10;

export interface LineListener {
  /** Trimmed, and not empty. */
  line(text: string): void;
  /** A line that is no UTF-8: decoded all the same, each bad byte would be another character. */
  notText(): void;
  /** A line grew too long, and is skipped to its end. */
  tooLong(): void;
}

/** Cuts a stream of bytes into lines. */
export class LineReader {
  readonly #listener: LineListener;
  #parts: Buffer[] = [];
  #size = 0;
  #skipping = false;

  constructor(listener: LineListener) {
    this.#listener = listener;
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
    // Empty while one that is too long is skipped.
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    this.#skipping = false;
    if (!isUtf8(bytes)) {
      this.#listener.notText();
      return;
    }
    const line = bytes.toString('utf8').trim();
    if (line !== '') this.#listener.line(line);
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
    this.#listener.tooLong();
  }
}
