import { connect, type Socket } from 'node:net';

/** More than any measured answer, so that one read nearly always brings a whole one and nothing is copied. */
const READ_BYTES = 128 * 1024;
const END_OF_HEAD = Buffer.from('\r\n\r\n');

export interface LeanReply {
  readonly status: number;
  readonly sessionId: string | undefined;
  /** May be overwritten by the next answer. */
  readonly body: Buffer;
}

interface Head {
  readonly status: number;
  readonly sessionId: string | undefined;
  /** Bytes of the body; undefined when it comes in chunks. */
  readonly length: number | undefined;
  /** Where the body begins. */
  readonly end: number;
}

interface Waiting {
  resolve(reply: LeanReply): void;
  reject(reason: Error): void;
}

/**
 * HTTP/1.1 over one kept-alive socket, one request at a time, and no more of it than the measured servers send: an
 * ordinary client costs more than the server it asks, and would be what is measured.
 */
export class LeanConnection {
  readonly #socket: Socket;
  readonly #path: string;
  readonly #host: string;
  /** What came of an answer that did not come in one read. */
  #partial: Buffer | undefined;
  #waiting: Waiting | undefined;
  /** Of the last answer: heads of one server hardly differ. */
  #knownHead: { readonly bytes: Buffer; readonly head: Head } | undefined;

  constructor(origin: string, path: string) {
    const { hostname, port, host } = new URL(origin);
    this.#path = path;
    this.#host = host;
    this.#socket = connect({
      host: hostname,
      port: Number(port),
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafe(READ_BYTES),
        callback: (bytes, buffer) => {
          this.#received(Buffer.from(buffer.buffer, buffer.byteOffset, bytes));
          return true;
        },
      },
    });
    this.#socket.on('error', (error) => this.#fail(error));
    this.#socket.on('close', () => this.#fail(new Error('the server closed the connection')));
  }

  /** The part of a request that does not change, to be given to {@link post}. */
  head(headers: Readonly<Record<string, string>>): string {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    return `POST ${this.#path} HTTP/1.1\r\nhost: ${this.#host}\r\n${lines.join('')}content-length: `;
  }

  /** `body` is ASCII. */
  post(head: string, body: string): Promise<LeanReply> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) {
        reject(new Error('the connection is closed'));
        return;
      }
      this.#waiting = { resolve, reject };
      this.#socket.write(`${head}${body.length}\r\n\r\n${body}`, 'latin1');
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #received(bytes: Buffer): void {
    const all = this.#partial === undefined ? bytes : Buffer.concat([this.#partial, bytes]);
    const head = this.#headOf(all);
    const body = head === undefined ? undefined : bodyOf(all, head);
    if (head === undefined || body === undefined) {
      // The buffer of a read belongs to the next read.
      this.#partial = all === bytes ? Buffer.from(bytes) : all;
      return;
    }
    this.#partial = undefined;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({ status: head.status, sessionId: head.sessionId, body });
  }

  /** Read once as long as it stays the same, which it does but for the date. */
  #headOf(all: Buffer): Head | undefined {
    const known = this.#knownHead;
    if (known !== undefined && all.length >= known.head.end && known.bytes.compare(all, 0, known.head.end) === 0)
      return known.head;
    const at = all.indexOf(END_OF_HEAD);
    if (at === -1) return undefined;
    const end = at + END_OF_HEAD.length;
    const head = parseHead(all.toString('latin1', 0, at), end);
    this.#knownHead = { bytes: Buffer.from(all.subarray(0, end)), head };
    return head;
  }

  #fail(error: Error): void {
    this.#waiting?.reject(error);
    this.#waiting = undefined;
  }
}

function parseHead(text: string, end: number): Head {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  const length = headers.get('content-length');
  return {
    status: Number(statusLine.slice(9, 12)),
    sessionId: headers.get('mcp-session-id'),
    length: headers.get('transfer-encoding') === 'chunked' ? undefined : Number(length ?? 0),
    end,
  };
}

/** Undefined when it is not there to its end. */
function bodyOf(all: Buffer, { length, end }: Head): Buffer | undefined {
  if (length !== undefined) return all.length < end + length ? undefined : all.subarray(end, end + length);
  const chunks: Buffer[] = [];
  for (let at = end; ; ) {
    const lineEnd = all.indexOf('\r\n', at);
    if (lineEnd === -1) return undefined;
    const size = Number.parseInt(all.toString('latin1', at, lineEnd), 16);
    const start = lineEnd + 2;
    if (all.length < start + size + 2) return undefined;
    const [first] = chunks;
    if (size === 0) return chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
    chunks.push(all.subarray(start, start + size));
    at = start + size + 2;
  }
}
