import { CancelledError } from '../../errors.ts';
import type { StopSignal } from '../../stop-signal.ts';

/** So many wait at most; more are a flood, and are told at once. */
const MAX_WAITING = 2_000;

export type Slot = 'full' | 'late' | (() => void);

/** How many requests one upstream is given at once; the others wait in the order they came. */
export class RequestSlots {
  #limit: number;
  #taken = 0;
  readonly #waiting = new Set<() => void>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  resize(limit: number): void {
    this.#limit = limit;
    this.#serve();
  }

  /** Resolves with the way to give the slot back (harmless when repeated), or why there is none. @throws CancelledError */
  take(signal: StopSignal, timeoutMs: number): Promise<Slot> | Slot {
    if (signal.aborted) throw new CancelledError();
    if (this.#taken < this.#limit) return this.#give();
    return this.#waiting.size >= MAX_WAITING ? 'full' : this.#wait(signal, timeoutMs);
  }

  #wait(signal: StopSignal, timeoutMs: number): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', cancelled);
        this.#waiting.delete(turn);
      };
      const turn = (): void => {
        leave();
        resolve(this.#give());
      };
      const cancelled = (): void => {
        leave();
        reject(new CancelledError());
      };
      const timer = setTimeout(() => {
        leave();
        resolve('late');
      }, timeoutMs);
      signal.addEventListener('abort', cancelled, { once: true });
      this.#waiting.add(turn);
    });
  }

  #give(): () => void {
    this.#taken += 1;
    let given = true;
    return () => {
      if (!given) return;
      given = false;
      this.#taken -= 1;
      this.#serve();
    };
  }

  #serve(): void {
    for (const turn of this.#waiting) {
      if (this.#taken >= this.#limit) return;
      turn();
    }
  }
}
