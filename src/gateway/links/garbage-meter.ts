/** What a server writes where messages belong and is none: told of now and then, and borne up to a bound. */
import type { Logger } from '../../logging/logger.ts';
import { UpstreamFloodError } from './link-errors.ts';

/** Between two messages. A banner or a debugging aid that prints to stdout stays far below. */
const MAX_LINES = 10_000;
const MAX_BYTES = 4 * 1_048_576;
const WARN_EVERY_MS = 60_000;

export class GarbageMeter {
  readonly #logger: Logger;
  readonly #flooded: (reason: UpstreamFloodError) => void;
  readonly #now: () => number;
  /** Since the last message. */
  #lines = 0;
  #bytes = 0;
  /** Since the log was told last. */
  #untold = 0;
  #warnAt = Number.NEGATIVE_INFINITY;
  #over = false;

  /** @param flooded called once: whoever goes on listening listens to nothing */
  constructor(logger: Logger, flooded: (reason: UpstreamFloodError) => void, now = () => performance.now()) {
    this.#logger = logger;
    this.#flooded = flooded;
    this.#now = now;
  }

  message(): void {
    this.#lines = 0;
    this.#bytes = 0;
  }

  garbage(bytes: number): void {
    if (this.#over) return;
    this.#lines += 1;
    this.#bytes += bytes;
    this.#untold += 1;
    this.#warn();
    if (this.#lines <= MAX_LINES && this.#bytes <= MAX_BYTES) return;
    this.#over = true;
    this.#flooded(new UpstreamFloodError(FLOOD, { sent: true }));
  }

  #warn(): void {
    const now = this.#now();
    if (now < this.#warnAt) return;
    this.#logger.warn({ lines: this.#untold }, 'upstream writes what is no message of MCP');
    this.#untold = 0;
    this.#warnAt = now + WARN_EVERY_MS;
  }
}

const FLOOD = `Escreveu mais de ${MAX_LINES} linhas ou ${MAX_BYTES / 1_048_576} MiB que não são mensagens do MCP.`;
