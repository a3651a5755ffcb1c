import { connect, type Socket } from 'node:net';

export interface RawReply {
  /** 0 when the server closed the connection without a word. */
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** One kept-alive connection that sends bytes as given: thousands of requests a second, well made or not. */
export class RawConnection {
  readonly #port: number;
  #socket: Socket | undefined;
  #received = '';
  #settle: ((reply: RawReply) => void) | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  ask(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string | Buffer = '',
  ): Promise<RawReply> {
    const bytes = Buffer.from(body);
    const all = { host: '127.0.0.1', ...headers, 'content-length': String(bytes.length) };
    const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
    const head = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
    return this.send(Buffer.concat([head, bytes]));
  }

  send(bytes: Buffer): Promise<RawReply> {
    return new Promise((resolve) => {
      this.#received = '';
      this.#settle = resolve;
      this.#open().write(bytes);
    });
  }

  /** RST instead of FIN when `reset`. */
  close(reset = false): void {
    if (reset) this.#socket?.resetAndDestroy();
    else this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): Socket {
    if (this.#socket !== undefined) return this.#socket;
    const socket = connect(this.#port, '127.0.0.1');
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#read(chunk.toString('latin1')));
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#socket === socket) this.#finish(true);
    });
    this.#socket = socket;
    return socket;
  }

  #read(text: string): void {
    this.#received += text;
    const end = this.#received.indexOf('\r\n\r\n');
    if (end === -1) return;
    const head = this.#received.slice(0, end).toLowerCase();
    const length = /content-length: (\d+)/.exec(head)?.[1];
    // A stream has begun: that is all there is to know, and the connection is used up.
    if (length === undefined) this.#finish(true);
    else if (this.#received.length >= end + 4 + Number(length)) this.#finish(head.includes('connection: close'));
  }

  #finish(closed: boolean): void {
    const end = this.#received.indexOf('\r\n\r\n');
    const head = this.#received.slice(0, Math.max(0, end));
    const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(head)?.[1] ?? 0);
    const body = Buffer.from(this.#received.slice(end + 4), 'latin1').toString('utf8');
    if (closed) this.close();
    const settle = this.#settle;
    this.#settle = undefined;
    settle?.({ status, head, body });
  }
}
