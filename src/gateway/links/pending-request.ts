import { CancelledError } from '../../errors.ts';
import type { StopSignal } from '../../stop-signal.ts';
import type { LinkRequestOptions, NotificationListener, RequestHandler } from './link.ts';
import { UpstreamTimeoutError } from './link-errors.ts';
import type { ProgressToken } from './outgoing.ts';

/** One request on its way: settled once, by whatever comes first of answer, loss, timeout and cancellation. */
export abstract class PendingRequest {
  readonly id: number;
  readonly method: string;
  readonly token: ProgressToken | undefined;
  readonly caller: string | undefined;
  readonly onRequest: RequestHandler | undefined;
  readonly onNotification: NotificationListener | undefined;
  readonly #takeBytes: LinkRequestOptions['takeBytes'];
  readonly promise: Promise<string>;
  #resolve: (result: string) => void = () => {};
  #reject: (error: Error) => void = () => {};
  readonly #signal: StopSignal;
  readonly #timeoutMs: number;
  #timer: NodeJS.Timeout | undefined;
  #questions = 0;
  #settled = false;

  constructor(id: number, method: string, token: ProgressToken | undefined, options: LinkRequestOptions) {
    this.id = id;
    this.method = method;
    this.token = token;
    this.caller = options.caller;
    this.onRequest = options.onRequest;
    this.onNotification = options.onNotification;
    this.#takeBytes = options.takeBytes;
    this.#signal = options.signal;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#timeoutMs = options.timeoutMs;
    this.#startTimer();
    options.signal.addEventListener('abort', this.#cancelled, { once: true });
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** Whether the upstream may have seen the request. */
  abstract get sent(): boolean;
  /** Nobody waits any more: tell the upstream, free the wire. */
  protected abstract giveUp(reason: string): void;

  /** Runs once, however it ended. */
  protected over(): void {}

  succeed(result: string): boolean {
    if (!this.#settle()) return false;
    this.#resolve(result);
    return true;
  }

  /** With a result that nothing needs to be done to: its bytes go to whoever can pass them on. */
  succeedPlain(result: Buffer): boolean {
    if (this.#takeBytes === undefined) return this.succeed(result.toString());
    if (!this.#settle()) return false;
    this.#takeBytes(result);
    this.#resolve('');
    return true;
  }

  fail(error: Error): boolean {
    if (!this.#settle()) return false;
    this.#reject(error);
    return true;
  }

  /** While a question is open the time of the request stands still, for a person may think; then it begins anew. */
  holdWhile(question: Promise<unknown>): void {
    this.#questions += 1;
    clearTimeout(this.#timer);
    const release = (): void => {
      this.#questions -= 1;
      if (this.#questions === 0 && !this.#settled) this.#startTimer();
    };
    question.then(release, release);
  }

  readonly #timeUp = (): void => {
    if (this.fail(new UpstreamTimeoutError(`No answer to ${this.method} in time.`, { sent: this.sent })))
      this.giveUp('timeout');
  };

  readonly #cancelled = (): void => {
    if (this.fail(new CancelledError())) this.giveUp('cancelled');
  };

  #startTimer(): void {
    this.#timer = setTimeout(this.#timeUp, this.#timeoutMs);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#cancelled);
    this.over();
    return true;
  }
}
