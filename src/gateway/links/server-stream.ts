/** An event stream that a server keeps open for what belongs to no request (GET of Streamable HTTP, and of HTTP+SSE). */
import type { Dispatcher } from 'undici';
import { EventStreamReader, type StreamEvent } from './event-stream-reader.ts';
import { GIVEN_UP, MAX_ANSWER_BYTES, one } from './http-exchange.ts';

/** How a stream came to its end. `status` is 0 when there was no response. */
export interface StreamEnd {
  readonly status: number;
  readonly opened: boolean;
  readonly lastEventId: string | undefined;
  readonly retryMs: number | undefined;
  readonly cause?: Error | undefined;
}

/** Resolves when it is over, whatever ended it. */
export function readServerStream(
  dispatcher: Dispatcher,
  request: Omit<Dispatcher.DispatchOptions, 'method'>,
  handlers: { readonly onOpen?: () => void; readonly onEvent: (event: StreamEvent) => void },
  signal: AbortSignal,
): Promise<StreamEnd> {
  return new Promise((resolve) => {
    dispatcher.dispatch({ ...request, method: 'GET' }, new StreamExchange(handlers, signal, resolve));
  });
}

class StreamExchange implements Dispatcher.DispatchHandler {
  readonly #handlers: { readonly onOpen?: () => void; readonly onEvent: (event: StreamEvent) => void };
  readonly #signal: AbortSignal;
  readonly #ended: (end: StreamEnd) => void;
  readonly #reader: EventStreamReader;
  #controller: Dispatcher.DispatchController | undefined;
  #status = 0;
  #opened = false;
  #over = false;

  constructor(
    handlers: { readonly onOpen?: () => void; readonly onEvent: (event: StreamEvent) => void },
    signal: AbortSignal,
    ended: (end: StreamEnd) => void,
  ) {
    this.#handlers = handlers;
    this.#signal = signal;
    this.#ended = ended;
    this.#reader = new EventStreamReader(handlers.onEvent, MAX_ANSWER_BYTES);
    signal.addEventListener('abort', this.#stop, { once: true });
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#signal.aborted) this.#stop();
  }

  onResponseStart(controller: Dispatcher.DispatchController, status: number, headers: Headers): void {
    this.#status = status;
    this.#opened = status === 200 && one(headers['content-type'])?.startsWith('text/event-stream') === true;
    if (this.#opened) this.#handlers.onOpen?.();
    else controller.abort(GIVEN_UP);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#reader.push(chunk)) controller.abort(GIVEN_UP);
  }

  onResponseEnd(): void {
    this.#finish(undefined);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#finish(error);
  }

  readonly #stop = (): void => {
    this.#controller?.abort(GIVEN_UP);
    this.#finish(GIVEN_UP);
  };

  #finish(cause: Error | undefined): void {
    if (this.#over) return;
    this.#over = true;
    this.#signal.removeEventListener('abort', this.#stop);
    const { lastEventId, retryMs } = this.#reader;
    this.#ended({ status: this.#status, opened: this.#opened, lastEventId, retryMs, cause });
  }
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;
