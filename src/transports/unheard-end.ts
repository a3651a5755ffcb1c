import type { Readable } from 'node:stream';

/**
 * Tells when the input ends, or breaks, and nothing was ever said on it. It takes nothing of what is said.
 *
 * @returns ends the watch, before somebody reads
 */
export function onUnheardEnd(stdin: Readable, listener: () => void): () => void {
  // Looks without taking: "end" comes only when there is nothing left to take.
  const look = (): void => {
    stdin.read(0);
  };
  stdin.on('readable', look);
  for (const event of ['end', 'error'] as const) stdin.once(event, listener);
  return () => {
    stdin.off('readable', look);
    for (const event of ['end', 'error'] as const) stdin.off(event, listener);
  };
}
