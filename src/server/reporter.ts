import { ExactNumber } from '../protocol/exact-number.ts';
import { type Fields, isRequestId } from '../protocol/json-rpc.ts';
import { LOG_LEVELS, type LogLevel } from '../protocol/log-levels.ts';
import { LOG_MESSAGE, PROGRESS } from '../protocol/methods.ts';

const SEVERITY: ReadonlyMap<unknown, number> = new Map(LOG_LEVELS.map((level, rank) => [level, rank]));

/** The least severity a client wants to hear of; undefined for silence. */
export type LogThreshold = number | undefined;

/** Until a client of an older revision sets a level it hears everything. */
export const EVERY_LEVEL: LogThreshold = 0;

/** The level that a threshold stands for. */
export function levelOf(threshold: LogThreshold): LogLevel | undefined {
  return threshold === undefined ? undefined : LOG_LEVELS[threshold];
}

export function logThreshold(level: unknown): LogThreshold {
  return SEVERITY.get(level);
}

type Notify = (method: string, params: Fields) => void;

/**
 * Turns a tool's progress and log calls into notifications. Progress goes out only when the client gave a token, and
 * only upwards: the specification demands that `progress` increases with each notification (utilities/progress).
 */
export class Reporter {
  readonly #token: unknown;
  readonly #threshold: LogThreshold;
  readonly #send: Notify;
  #last = Number.NEGATIVE_INFINITY;

  constructor(token: unknown, threshold: LogThreshold, send: Notify) {
    this.#token = token;
    this.#threshold = threshold;
    this.#send = send;
  }

  progress(done: number, total: number | undefined, message: string | undefined): void {
    if (!isRequestId(this.#token) && !(this.#token instanceof ExactNumber)) return;
    if (!(done > this.#last)) return;
    this.#last = done;
    const params: Fields = { progressToken: this.#token, progress: done };
    if (message !== undefined) params['message'] = message;
    if (total !== undefined) params['total'] = total;
    this.#send(PROGRESS, params);
  }

  log(level: LogLevel, data: unknown, logger?: string): void {
    const severity = SEVERITY.get(level);
    if (severity === undefined || this.#threshold === undefined || severity < this.#threshold) return;
    this.#send(LOG_MESSAGE, logger === undefined ? { level, data } : { level, logger, data });
  }
}
