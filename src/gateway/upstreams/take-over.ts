import type { Upstream } from './upstream.ts';

/** What a server whose place was taken may take for the calls that it has; as much as a stop of the process gives them. */
const DRAIN_MS = 10_000;

/**
 * Connects the one that takes a place, while the old one serves. Resolves with true when it is to have it: it is there, or
 * has failed; with false when it was closed, because `outdated` came before.
 */
export async function isReady(old: Upstream, next: Upstream, outdated: AbortSignal): Promise<boolean> {
  if (!outdated.aborted) {
    await next.inherit(old);
    next.connect();
    await Promise.race([next.arrival.tried, aborted(outdated)]);
  }
  if (!outdated.aborted || next.state === 'connected') return true;
  await next.close();
  return false;
}

/** What the old one is doing may be finished. Resolves when it has ended. */
export async function leave(old: Upstream, stop: AbortSignal): Promise<void> {
  old.retire();
  await old.calls.drained(DRAIN_MS, stop);
  await old.close();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
