/** A pause that can be cut short; a wake-up that comes while nobody waits cuts the next pause short. */
export class WakeUp {
  #pending = false;
  #wake: (() => void) | undefined;

  wake(): void {
    this.#pending = true;
    this.#wake?.();
  }

  /** Resolves after `timeMs`, at a wake-up, or when the signal aborts, whichever is first. Leaves no timer behind. */
  async pause(timeMs: number, signal: AbortSignal): Promise<void> {
    if (!this.#pending && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          this.#wake = undefined;
          resolve();
        };
        const timer = setTimeout(done, timeMs);
        signal.addEventListener('abort', done, { once: true });
        this.#wake = done;
      });
    }
    this.#pending = false;
  }
}
