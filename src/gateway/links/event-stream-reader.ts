import { Utf8Stream } from './utf8.ts';

export interface StreamEvent {
  /** `message` when the stream names none. */
  readonly name: string;
  /** With `BROKEN` of utf8.ts in the place of what is no UTF-8. */
  readonly data: string;
}

/** It comes back to its server as a header; a longer one is no id. */
const MAX_ID = 1_024;

/** Reads an event stream as it comes (WHATWG HTML, "Parsing an event stream"). */
export class EventStreamReader {
  /** To resume from. */
  lastEventId: string | undefined;
  /** How long the server wants us to stay away before that. */
  retryMs: number | undefined;
  readonly #onEvent: (event: StreamEvent) => void;
  readonly #decoder = new Utf8Stream();
  readonly #maxChars: number;
  #rest = '';
  /** A CR came last, which ended its line: an LF right behind it is the other half of that break. */
  #afterReturn = false;
  #name = '';
  #data: string[] = [];
  #chars = 0;
  #began = false;

  constructor(onEvent: (event: StreamEvent) => void, maxChars: number) {
    this.#onEvent = onEvent;
    this.#maxChars = maxChars;
  }

  /** False once a single event is over the limit: the rest of the stream means nothing. */
  push(chunk: Buffer): boolean {
    let fresh = this.#decoder.write(chunk);
    if (!this.#began && fresh !== '') {
      this.#began = true;
      if (fresh.startsWith('\ufeff')) fresh = fresh.slice(1);
    }
    if (this.#afterReturn && fresh !== '') {
      this.#afterReturn = false;
      if (fresh.startsWith('\n')) fresh = fresh.slice(1);
    }
    const hasReturns = fresh.includes('\r');
    if (!hasReturns && !fresh.includes('\n')) {
      // Not looked at until its line ends: a line of many megabytes comes in hundreds of pieces.
      this.#rest += fresh;
      return this.#rest.length + this.#chars <= this.#maxChars;
    }
    const text = this.#rest + fresh;
    let start = 0;
    for (let end = lineEnd(text, 0, hasReturns); end !== -1; end = lineEnd(text, start, hasReturns)) {
      this.#line(text.slice(start, end));
      start = text[end] === '\r' && text[end + 1] === '\n' ? end + 2 : end + 1;
    }
    this.#rest = start === 0 ? text : text.slice(start);
    this.#afterReturn = hasReturns && text.endsWith('\r');
    return this.#rest.length + this.#chars <= this.#maxChars;
  }

  #line(line: string): void {
    if (line === '') {
      this.#dispatch();
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') {
      this.#data.push(value);
      // With its line break: lines without a character cost memory too.
      this.#chars += value.length + 1;
    } else if (field === 'event') this.#name = value;
    else if (field === 'id' && value.length <= MAX_ID && !value.includes('\0')) this.lastEventId = value;
    else if (field === 'retry' && /^\d{1,9}$/.test(value)) this.retryMs = Number(value);
  }

  #dispatch(): void {
    const data = this.#data.length === 1 ? (this.#data[0] ?? '') : this.#data.join('\n');
    const name = this.#name === '' ? 'message' : this.#name;
    this.#name = '';
    this.#data = [];
    this.#chars = 0;
    if (data !== '') this.#onEvent({ name, data });
  }
}

/** One break of a line: LF, CR or CRLF; looked for as a pattern only in a stream that has CRs at all. */
function lineEnd(text: string, from: number, hasReturns: boolean): number {
  if (!hasReturns) return text.indexOf('\n', from);
  LINE_BREAK.lastIndex = from;
  return LINE_BREAK.exec(text)?.index ?? -1;
}

const LINE_BREAK = /[\r\n]/g;
