import { CancelledError } from '../../errors.ts';
import type { StopSignal } from '../../stop-signal.ts';

/** How long somebody waits. */
export interface Patience {
  readonly signal: StopSignal;
  readonly timeoutMs: number;
}

/** What is waited for goes on without who leaves. @throws CancelledError, `late()` when the time is over, and as it does */
export function inTime<T>(awaited: Promise<T>, { signal, timeoutMs }: Patience, late: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      leave();
      reject(late());
    }, timeoutMs);
    const cancelled = (): void => {
      leave();
      reject(new CancelledError());
    };
    const leave = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', cancelled);
    };
    signal.addEventListener('abort', cancelled, { once: true });
    awaited.finally(leave).then(resolve, reject);
    if (signal.aborted) cancelled();
  });
}
