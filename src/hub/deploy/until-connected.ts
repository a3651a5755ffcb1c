import type { MountedState, Mounting } from '../mounting.ts';
import { HubError } from '../problem.ts';

/**
 * Waits for a server that was just mounted.
 *
 * @throws HubError when the gateway has given it up for now; the signal's reason when it is aborted
 */
export function untilConnected(mounting: Mounting, id: string, signal: AbortSignal): Promise<MountedState> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const now = mounting.stateOf(id);
      if (now?.state === 'connected' || now?.state === 'quarantined') settle(() => resolve(now));
      else if (now?.state === 'down') {
        const why = `O servidor não conectou: ${now.problem ?? 'sem motivo'}.`;
        settle(() => reject(new HubError('fonte_indisponivel', why, { hint: 'Os logs dizem mais.' })));
      }
    };
    const aborted = (): void => settle(() => reject(signal.reason));
    const settle = (end: () => void): void => {
      stop();
      signal.removeEventListener('abort', aborted);
      end();
    };
    const stop = mounting.onChange(look);
    signal.addEventListener('abort', aborted, { once: true });
    if (signal.aborted) aborted();
    else look();
  });
}
