import { Client, type Dispatcher } from 'undici';

export interface HttpReply {
  readonly status: number;
  readonly contentType: string;
  readonly sessionId: string | undefined;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/** One keep-alive socket. Uses undici's dispatch directly: its promise API would cost as much as the server. */
export class HttpConnection {
  readonly #client: Client;
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
    this.#client = new Client(origin, {
      pipelining: 1,
      keepAliveTimeout: 60_000,
      bodyTimeout: 0,
      headersTimeout: 30_000,
    });
  }

  post(path: string, headers: Record<string, string>, body: string): Promise<HttpReply> {
    return new Promise((resolve, reject) => {
      this.#client.dispatch(
        { origin: this.#origin, path, method: 'POST', headers, body },
        new Exchange(resolve, reject),
      );
    });
  }

  /** Opens a stream that stays open; resolves when its headers are there. */
  stream(path: string, headers: Record<string, string>, onText: (text: string) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const decoder = new TextDecoder();
      this.#client.dispatch(
        { origin: this.#origin, path, method: 'GET', headers },
        {
          onRequestStart() {},
          onResponseStart(_controller, status) {
            if (status === 200) resolve();
            else reject(new Error(`GET ${path} answered ${status}`));
          },
          onResponseData: (_controller, chunk) => onText(decoder.decode(chunk, { stream: true })),
          onResponseEnd() {},
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
  }

  close(): void {
    void this.#client.destroy();
  }
}

class Exchange implements Dispatcher.DispatchHandler {
  readonly #resolve: (reply: HttpReply) => void;
  readonly #reject: (reason: Error) => void;
  readonly #chunks: Buffer[] = [];
  #status = 0;
  #contentType = '';
  #sessionId: string | undefined;
  #retryAfter: string | undefined;

  constructor(resolve: (reply: HttpReply) => void, reject: (reason: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(): void {}

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    this.#status = status;
    this.#contentType = String(headers['content-type'] ?? '');
    const sessionId = headers['mcp-session-id'];
    this.#sessionId = typeof sessionId === 'string' ? sessionId : undefined;
    const retryAfter = headers['retry-after'];
    this.#retryAfter = typeof retryAfter === 'string' ? retryAfter : undefined;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const bytes = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    this.#resolve({
      status: this.#status,
      contentType: this.#contentType,
      sessionId: this.#sessionId,
      retryAfter: this.#retryAfter,
      text: bytes.toString(),
    });
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#reject(error);
  }
}
