import { pause } from './pause.ts';
import type { StreamEvent } from './stream-event.ts';
import { unlessLeft } from './unless-left.ts';

/** Between two looks, in milliseconds: a runner may have to ask a container for its lines. */
const EVERY_MS = 1_000;

/**
 * The last lines of a server, and again whenever they are others. Ends with the signal, also while it asks; a server that is
 * gone ends it with what `read` throws.
 */
export async function* followLines(
  read: () => Promise<readonly string[]>,
  signal: AbortSignal,
  everyMs = EVERY_MS,
): AsyncGenerator<StreamEvent> {
  let said: string | undefined;
  while (!signal.aborted) {
    const lines = await unlessLeft(read(), signal);
    if (lines === undefined || signal.aborted) return;
    const text = JSON.stringify(lines);
    if (text !== said) yield { event: 'lines', data: { lines } };
    said = text;
    await pause(everyMs, signal);
  }
}
