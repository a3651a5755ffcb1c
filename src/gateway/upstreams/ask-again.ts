/** Lists that a server refused to show are asked for again now and then: it does not refuse them for good. */
const ASK_AGAIN_MS = 60_000;

export interface AskAgainParts {
  /** Whether a list is missing of a server that is there. */
  readonly isMissing: () => boolean;
  /** Rejects when it cannot be read. */
  readonly read: () => Promise<void>;
  /** Waits so many milliseconds, or until it is stopped. */
  readonly pause: (ms: number, stop: AbortSignal) => Promise<void>;
  readonly stop: AbortSignal;
}

/** @returns begins to ask, until nothing is missing or the server is gone: what a new connection offers is read anyway */
export function askAgain({ isMissing, read, pause, stop }: AskAgainParts): () => Promise<void> {
  let asks = false;
  return async () => {
    if (asks) return;
    asks = true;
    while (isMissing() && !stop.aborted) {
      await pause(ASK_AGAIN_MS, stop);
      if (!stop.aborted) await read().catch(() => {});
    }
    asks = false;
  };
}
