const NEWLINE = 10;
/** As much of an answer nobody will read as holds an id at its very beginning or its very end. */
const EDGE_BYTES = 64;

export interface LineListener {
  /** Without its end. */
  line(bytes: Buffer): void;
  /** A line beyond the limit was skipped, which had so many bytes; these are its first and its last characters. */
  tooLong(head: string, tail: string, bytes: number): void;
  /** Of such a line so many bytes have come, and not its end. */
  skipping?(head: string, bytes: number): void;
}

/** Cuts a stream of bytes into lines, none longer than `maxBytes`. */
export class LineFramer {
  readonly #listener: LineListener;
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #size = 0;
  #edges: { head: string; tail: Buffer } | undefined;

  constructor(listener: LineListener, maxBytes: number) {
    this.#listener = listener;
    this.#maxBytes = maxBytes;
  }

  /** What is left of the chunk after so many lines; undefined when all of it was taken. */
  push(chunk: Buffer, maxLines = Number.POSITIVE_INFINITY): Buffer | undefined {
    let start = 0;
    let lines = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
      if (lines === maxLines) return chunk.subarray(start);
      lines += 1;
      // An empty line says nothing, and costs as little.
      if (end > start || this.#size > 0) {
        this.#append(chunk, start, end);
        this.#flush();
      }
      start = end + 1;
    }
    if (start < chunk.length) this.#append(chunk, start, chunk.length);
    return undefined;
  }

  #append(chunk: Buffer, start: number, end: number): void {
    const part = chunk.subarray(start, end);
    this.#size += part.length;
    if (this.#edges !== undefined) {
      this.#edges.tail = Buffer.concat([this.#edges.tail, part.subarray(-EDGE_BYTES)]).subarray(-EDGE_BYTES);
      this.#listener.skipping?.(this.#edges.head, this.#size);
      return;
    }
    this.#parts.push(part);
    if (this.#size <= this.#maxBytes) return;
    const whole = Buffer.concat(this.#parts, this.#size);
    this.#edges = {
      head: whole.toString('latin1', 0, EDGE_BYTES),
      tail: Buffer.from(whole.subarray(-EDGE_BYTES)),
    };
    this.#parts = [];
  }

  #flush(): void {
    const edges = this.#edges;
    const size = this.#size;
    const [only] = this.#parts;
    const whole = this.#parts.length === 1 && only !== undefined ? only : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    this.#edges = undefined;
    if (edges !== undefined) this.#listener.tooLong(edges.head, edges.tail.toString('latin1'), size);
    else if (whole.length > 0) this.#listener.line(whole);
  }
}
