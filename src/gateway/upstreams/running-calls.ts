import { setTimeout as wait } from 'node:timers/promises';

/** The calls that one server may still be asked for, so that it can be taken away when none is left. */
export class RunningCalls {
  #count = 0;
  #idle: () => void = () => {};

  begin(): void {
    this.#count += 1;
  }

  end(): void {
    this.#count -= 1;
    if (this.#count === 0) this.#idle();
  }

  /** Resolves when none is left, the time is over, or it is stopped. */
  async drained(timeoutMs: number, stop: AbortSignal): Promise<void> {
    if (this.#count === 0 || stop.aborted) return;
    const over = new AbortController();
    const idle = new Promise<void>((resolve) => {
      this.#idle = resolve;
      stop.addEventListener('abort', () => resolve(), { once: true, signal: over.signal });
    });
    await Promise.race([idle, wait(timeoutMs, undefined, { signal: over.signal }).catch(() => {})]);
    over.abort();
  }
}
