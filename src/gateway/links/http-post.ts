/** HTTP requests whose answer is only "taken" or not: all messages of HTTP+SSE, notifications, our answers, DELETE. */
import type { Dispatcher } from 'undici';
import { goneBy } from './connection-loss.ts';
import { GIVEN_UP } from './http-exchange.ts';
import type { HttpWire } from './http-wire.ts';
import { UnansweredError } from './link-errors.ts';

const TIMEOUT_MS = 10_000;

type Connections = Pick<HttpWire, 'dispatcher' | 'fresh'>;

/**
 * A message that does no harm when it arrives twice, as a notification, or the answer to a question, which has an id: so
 * it is sent once more when its connection was closed before the server said anything.
 *
 * @returns the status. @throws UpstreamGoneError
 */
export function sendQuietly({ dispatcher, fresh }: Connections, request: Dispatcher.DispatchOptions): Promise<number> {
  const exchange = new QuietExchange(false, () => fresh.dispatch(request, exchange));
  dispatcher.dispatch(request, exchange);
  return exchange.taken;
}

/** A message whose sender waits for more than this POST. */
export interface PatientPost {
  /** The status, whenever it comes; rejects with UpstreamGoneError. */
  readonly taken: Promise<number>;
  /** What was waited for has come: the POST has its ordinary time left to end. */
  hurry(): void;
  /** Nobody waits any more. */
  drop(): void;
}

/** Some servers answer the POST only when they are done: once it has begun it has as long as its sender waits. */
export function sendPatiently(
  { dispatcher, fresh }: Connections,
  request: Dispatcher.DispatchOptions,
  mayRepeat: boolean,
): PatientPost {
  const exchange = new QuietExchange(true, mayRepeat ? () => fresh.dispatch(request, exchange) : undefined);
  dispatcher.dispatch(request, exchange);
  return exchange;
}

class QuietExchange implements Dispatcher.DispatchHandler, PatientPost {
  readonly taken: Promise<number>;
  #resolve: (status: number) => void = () => {};
  #reject: (error: Error) => void = () => {};
  #isPatient: boolean;
  #repeat: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #controller: Dispatcher.DispatchController | undefined;
  #over = false;
  #began = false;
  #status = 0;

  constructor(isPatient: boolean, repeat: (() => void) | undefined) {
    this.#repeat = repeat;
    this.taken = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#isPatient = isPatient;
    this.#startTimer();
  }

  hurry(): void {
    this.#isPatient = false;
    if (!this.#over) this.#startTimer();
  }

  drop(): void {
    this.#fail(GIVEN_UP);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#over) controller.abort(GIVEN_UP);
    else {
      this.#began = true;
      if (this.#isPatient) clearTimeout(this.#timer);
    }
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
    const repeat = this.#repeat;
    this.#repeat = undefined;
    const isUnanswered = goneBy(error, this.#began, this.#status) instanceof UnansweredError;
    if (!this.#over && isUnanswered && repeat !== undefined) repeat();
    else this.#fail(error);
  }

  #startTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#fail(GIVEN_UP), TIMEOUT_MS);
  }

  #fail(error: Error): void {
    if (!this.#settle()) return;
    this.#controller?.abort(GIVEN_UP);
    this.#reject(goneBy(error, this.#began, this.#status));
  }

  #settle(): boolean {
    if (this.#over) return false;
    this.#over = true;
    clearTimeout(this.#timer);
    return true;
  }
}
