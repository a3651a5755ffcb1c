/**
 * Revisions of MCP, as the specification names them. Our own, as all of this room, because the SDK's copy comes with
 * all of its schemas, and neither a handshake nor a plain call needs those; a test holds both copies together.
 */
export const LATEST_LEGACY_REVISION = '2025-11-25';
/** Revisions with `initialize`, newest first. */
export const LEGACY_REVISIONS: readonly string[] = [
  LATEST_LEGACY_REVISION,
  '2025-06-18',
  '2025-03-26',
  '2024-11-05',
  '2024-10-07',
];
/** The only revision with batches: they came with it and left with the next (2025-06-18 changelog, item 1). */
export const BATCH_REVISION = '2025-03-26';
/** From this one on a stream begins with an id to resume from. */
export const PRIMED_STREAMS_REVISION = '2025-11-25';
/** The revision without sessions. */
export const MODERN_REVISION = '2026-07-28';

/** The two families of revisions: sessions with `initialize` (2024-11-05 … 2025-11-25) and stateless 2026-07-28. */
export type Era = 'legacy' | 'modern';
