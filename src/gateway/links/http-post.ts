/** HTTP requests whose answer is only "taken" or not: notifications, our answers to an upstream's questions, DELETE. */
import type { Dispatcher } from 'undici';
import { describe, GIVEN_UP } from './http-exchange.ts';
import { UpstreamGoneError } from './link-errors.ts';

const TIMEOUT_MS = 10_000;

/** @returns the status. @throws UpstreamGoneError */
export function sendQuietly(dispatcher: Dispatcher, request: Dispatcher.DispatchOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    dispatcher.dispatch(request, new QuietExchange(resolve, reject));
  });
}

class QuietExchange implements Dispatcher.DispatchHandler {
  readonly #resolve: (status: number) => void;
  readonly #reject: (error: Error) => void;
  readonly #timer: NodeJS.Timeout;
  #controller: Dispatcher.DispatchController | undefined;
  #over = false;
  #began = false;
  #status = 0;

  constructor(resolve: (status: number) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
    this.#timer = setTimeout(() => this.#fail(GIVEN_UP), TIMEOUT_MS);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(GIVEN_UP);
    else this.#began = true;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number): void {
    this.#status = status;
  }

  /** Nothing is expected; what comes is read so that the connection can be used again. */
  onResponseData(): void {}

  onResponseEnd(): void {
    if (this.#settle()) this.#resolve(this.#status);
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.#fail(error);
  }

  #fail(error: Error): void {
    if (!this.#settle()) return;
    this.#controller?.abort(GIVEN_UP);
    this.#reject(new UpstreamGoneError(describe(error), { sent: this.#began, cause: error }));
  }

  #settle(): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#timer);
    return true;
  }
}
