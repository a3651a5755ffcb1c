import { CancelledError } from '../../errors.ts';
import type { LinkRequestOptions } from './link.ts';
import { UpstreamTimeoutError } from './link-errors.ts';

/** How many times as long as for its acknowledgement one waits in all, with what others are waited for before it. */
const TIMES_IN_ALL = 6;

/** How long, and until when, one of those who wait does so. */
type Patience = Pick<LinkRequestOptions, 'signal' | 'timeoutMs'>;

interface Waiter {
  end(refusal?: Error): void;
  /** Its time runs, or does not. */
  asked(isAsked: boolean): void;
}

/** Who waits for the upstream to acknowledge a subscription, by URI. */
export class AwaitedSubscriptions {
  readonly #waiting = new Map<string, { readonly waiters: Set<Waiter>; isAsked: boolean }>();
  readonly #left: (uri: string) => void;

  /** @param left called with a URI when the last who waited for it gave up */
  constructor(left: (uri: string) => void) {
    this.#left = left;
  }

  has(uri: string): boolean {
    return this.#waiting.has(uri);
  }

  /**
   * @throws what it is settled with; UpstreamTimeoutError, counted from when it is asked for, and at last from now; CancelledError
   */
  wait(uri: string, { signal, timeoutMs }: Patience): Promise<void> {
    const entry = this.#waiting.get(uri) ?? { waiters: new Set(), isAsked: false };
    this.#waiting.set(uri, entry);
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      const giveUp = (why: Error): void => {
        waiter.end(why);
        if (entry.waiters.size > 0) return;
        this.#waiting.delete(uri);
        this.#left(uri);
      };
      const late = (): void =>
        giveUp(new UpstreamTimeoutError('A inscrição não foi confirmada a tempo.', { sent: true }));
      const cancelled = (): void => giveUp(new CancelledError());
      const inAll = setTimeout(late, TIMES_IN_ALL * timeoutMs);
      const waiter: Waiter = {
        end(refusal) {
          clearTimeout(timer);
          clearTimeout(inAll);
          signal.removeEventListener('abort', cancelled);
          entry.waiters.delete(waiter);
          if (refusal === undefined) resolve();
          else reject(refusal);
        },
        asked(isAsked) {
          if (!isAsked) clearTimeout(timer);
          timer = isAsked ? (timer ?? setTimeout(late, timeoutMs)) : undefined;
        },
      };
      signal.addEventListener('abort', cancelled, { once: true });
      entry.waiters.add(waiter);
      waiter.asked(entry.isAsked);
    });
  }

  /** They are being asked for now, or must wait until others were. */
  asked(uris: readonly string[], isAsked: boolean): void {
    for (const uri of uris) {
      const entry = this.#waiting.get(uri);
      if (entry === undefined) continue;
      entry.isAsked = isAsked;
      for (const waiter of entry.waiters) waiter.asked(isAsked);
    }
  }

  settle(uri: string, refusal?: Error): void {
    const entry = this.#waiting.get(uri);
    this.#waiting.delete(uri);
    for (const waiter of [...(entry?.waiters ?? [])]) waiter.end(refusal);
  }

  get uris(): readonly string[] {
    return [...this.#waiting.keys()];
  }
}
