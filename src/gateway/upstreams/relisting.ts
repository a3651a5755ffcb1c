/** Reads the lists of one conversation again when its server says that they changed, and tells who must wait for that. */

/** Changes come in bursts: a server that replaces its tools tells of each. */
const SETTLE_MS = 50;
/** One that tells of changes without end is read no more often than this. */
const LONGEST_SETTLE_MS = 10_000;
/** Nor, while somebody waits to call it, than this. */
const HURRIED_MS = 1_000;
/** After so long without a change the next is read at once again. */
const QUIET_MS = 10_000;

export interface RelistingParts {
  /** Rejects when the lists cannot be read. */
  readonly read: () => Promise<void>;
  /** Waits so many milliseconds, or until it is stopped. */
  readonly pause: (ms: number, stop: AbortSignal) => Promise<void>;
  /** Milliseconds of a clock that never goes back. */
  readonly now: () => number;
}

interface Wanted {
  /** Tools changed: until they are listed nobody knows what a call would do. */
  tools: boolean;
  readonly done: Promise<void>;
  readonly finish: () => void;
}

export class Relisting {
  readonly #parts: RelistingParts;
  /** The reading that is to begin, and the one that is under way. */
  #next: Wanted | undefined;
  #current: Wanted | undefined;
  #attempt: Wanted = wanted();
  #settleMs = SETTLE_MS;
  #lastRead = Number.NEGATIVE_INFINITY;
  #begun = false;
  #running = false;
  #ended = false;
  #pause: { readonly stop: AbortController; readonly since: number } | undefined;

  constructor(parts: RelistingParts) {
    this.#parts = parts;
  }

  /** What is announced before is only kept: there is nothing yet that could be read again. */
  begin(): void {
    this.#begun = true;
    if (this.#next !== undefined) this.#run();
  }

  announce(tools: boolean): void {
    if (this.#ended) return;
    this.#next ??= wanted();
    this.#next.tools ||= tools;
    if (this.#begun) this.#run();
  }

  /** Resolves when the tools that were announced so far are known; undefined when none were. */
  due(): Promise<void> | undefined {
    const due = [this.#next, this.#current].find((one) => one?.tools);
    if (due !== undefined) this.#hurry();
    return due?.done;
  }

  /** Resolves when what was announced was tried to be read once, whatever came of it. */
  async tried(): Promise<void> {
    // What is being read now may have been asked for before.
    if (this.#current !== undefined && this.#next !== undefined) await this.#attempt.done;
    if (this.#running || this.#next !== undefined) await this.#attempt.done;
  }

  /** Nobody need wait for this conversation any more. */
  end(): void {
    this.#ended = true;
    this.#pause?.stop.abort();
    for (const one of [this.#next, this.#current, this.#attempt]) one?.finish();
    this.#next = undefined;
    this.#current = undefined;
  }

  async #run(): Promise<void> {
    if (this.#running) return;
    const { read, now } = this.#parts;
    this.#running = true;
    while (this.#next !== undefined && !this.#ended) {
      if (now() - this.#lastRead >= QUIET_MS) this.#settleMs = SETTLE_MS;
      await this.#settle();
      this.#settleMs = Math.min(LONGEST_SETTLE_MS, this.#settleMs * 2);
      const reading: Wanted | undefined = this.#next;
      // It ended meanwhile.
      if (reading === undefined) break;
      this.#current = reading;
      this.#next = undefined;
      const isRead = await read().then(
        () => true,
        () => false,
      );
      this.#current = undefined;
      this.#lastRead = now();
      if (isRead) reading.finish();
      else this.#again(reading);
      this.#attempt.finish();
      this.#attempt = wanted();
    }
    this.#running = false;
  }

  #again(reading: Wanted): void {
    const later = this.#next;
    if (later !== undefined) reading.done.then(later.finish);
    if (!this.#ended) this.#next = reading;
  }

  async #settle(): Promise<void> {
    const stop = new AbortController();
    this.#pause = { stop, since: this.#parts.now() };
    await this.#parts.pause(this.#settleMs, stop.signal);
    this.#pause = undefined;
  }

  #hurry(): void {
    const { pause, now } = this.#parts;
    if (this.#pause === undefined || this.#settleMs <= HURRIED_MS) return;
    const { stop, since } = this.#pause;
    pause(Math.max(0, HURRIED_MS - (now() - since)), stop.signal).then(() => stop.abort());
  }
}

function wanted(): Wanted {
  let finish = (): void => {};
  const done = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return { tools: false, done, finish };
}
