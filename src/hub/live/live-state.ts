/** What changes while somebody looks: the servers and the house, whole each time that anything of them is different. */
import { pause } from './pause.ts';
import type { StreamEvent } from './stream-event.ts';
import { unlessLeft } from './unless-left.ts';

export interface LiveParts {
  /** By event name, what it says now. */
  readonly sources: Readonly<Record<string, () => unknown>>;
  /** Something may have changed; returns the end of it. */
  readonly onChange: (listener: () => void) => () => void;
  /** Counters and health change without a word: they are looked at this often, in milliseconds. */
  readonly everyMs?: number;
}

/** Changes come in bursts: who looks gets at most four pictures a second. */
const GATHER_MS = 250;

/** One event of each source at once, then one of a source whenever it says something else; ends with the signal. */
export async function* liveEvents(
  { sources, onChange, everyMs = 5_000 }: LiveParts,
  signal: AbortSignal,
): AsyncGenerator<StreamEvent> {
  const said = new Map<string, string>();
  let changed = new AbortController();
  const stop = onChange(() => changed.abort());
  try {
    while (!signal.aborted) {
      changed = new AbortController();
      for (const [event, read] of Object.entries(sources)) {
        const data = await unlessLeft(read(), signal);
        if (signal.aborted) return;
        const text = JSON.stringify(data);
        if (said.get(event) === text) continue;
        said.set(event, text);
        yield { event, data };
      }
      await pause(everyMs, signal, changed.signal);
      await pause(GATHER_MS, signal);
    }
  } finally {
    stop();
  }
}
