/**
 * Says that nobody waits for an answer any more: as much of an `AbortSignal` as most of us need of one. An `AbortSignal` is such
 * a signal too, but every call needs one of its own, and to make it and to listen once takes as long as parsing the request.
 */
export interface StopSignal {
  readonly aborted: boolean;
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

/** Stops one call, once. */
export class CallStop implements StopSignal {
  #aborted = false;
  /** Those who listen; nearly always one. */
  #listeners: (() => void)[] = [];

  get aborted(): boolean {
    return this.#aborted;
  }

  /** Each listener is called once, for there is only one end. */
  addEventListener(_type: 'abort', listener: () => void): void {
    if (!this.#aborted && !this.#listeners.includes(listener)) this.#listeners.push(listener);
  }

  removeEventListener(_type: 'abort', listener: () => void): void {
    const place = this.#listeners.indexOf(listener);
    if (place !== -1) this.#listeners.splice(place, 1);
  }

  abort(): void {
    if (this.#aborted) return;
    this.#aborted = true;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) {
      try {
        listener();
      } catch (thrown) {
        // One that fails must keep nobody else from hearing, nor end the process, as thrown from here it might.
        // What it says may be anybody's words, a secret among them.
        process.emitWarning(
          `A listener of a stopped call failed: ${thrown instanceof Error ? thrown.name : typeof thrown}.`,
        );
      }
    }
  }
}

/** For those who take nothing else: timers, streams, libraries. */
export function abortSignalOf(stop: StopSignal): AbortSignal {
  if (stop instanceof AbortSignal) return stop;
  const controller = new AbortController();
  if (stop.aborted) controller.abort();
  else stop.addEventListener('abort', () => controller.abort(), { once: true });
  return controller.signal;
}
