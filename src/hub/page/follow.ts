/** Stays connected to a stream: comes back by itself, and hangs up while nobody looks. */
import type { HubProblemCode } from '../problem.ts';
import { ApiProblem } from './api.ts';
import { readEvents, type StreamedEvent } from './event-stream.ts';

export type Connection = 'connecting' | 'live' | 'lost' | 'paused';

export interface Following {
  readonly open: (signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;
  readonly onEvent: (event: StreamedEvent) => void;
  readonly onState?: (state: Connection) => void;
  readonly signal: AbortSignal;
}

/** Other paths that are not there come back with the hub: a proxy may say so while it restarts. */
const GONE: HubProblemCode = 'servidor_desconhecido';
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 5_000;

/** Resolves when the signal is aborted, or the API says that there is nothing to come back to. */
export async function follow({ open, onEvent, onState = () => {}, signal }: Following): Promise<void> {
  let failures = 0;
  while (!signal.aborted) {
    if (document.hidden) {
      // Browsers allow six connections to a host: a page that nobody sees leaves its own to the others.
      onState('paused');
      await happens(document, 'visibilitychange', signal);
      continue;
    }
    onState(failures === 0 ? 'connecting' : 'lost');
    const attempt = new AbortController();
    const end = (): void => attempt.abort();
    const hidden = (): void => {
      if (document.hidden) end();
    };
    signal.addEventListener('abort', end);
    document.addEventListener('visibilitychange', hidden);
    try {
      for await (const event of readEvents(await open(attempt.signal))) {
        failures = 0;
        onState('live');
        onEvent(event);
      }
    } catch (error) {
      if (error instanceof ApiProblem && (error.refusesToken || error.problem.code === GONE)) return;
    } finally {
      signal.removeEventListener('abort', end);
      document.removeEventListener('visibilitychange', hidden);
    }
    if (signal.aborted || document.hidden) continue;
    failures += 1;
    onState('lost');
    await happens(window, 'online', signal, Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS));
  }
}

/** Waits for the event, the signal, or the time; whichever comes first. */
function happens(target: EventTarget, event: string, signal: AbortSignal, ms?: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = ms === undefined ? undefined : setTimeout(end, ms);
    target.addEventListener(event, end);
    signal.addEventListener('abort', end);
    function end(): void {
      clearTimeout(timer);
      target.removeEventListener(event, end);
      signal.removeEventListener('abort', end);
      resolve();
    }
  });
}
