/** A question answered later than this is a question nobody waits for: all its queries and look-ups together. */
const QUESTION_MS = 30_000;

/** Milliseconds left of one question's time. */
export type TimeLeft = () => number;

/** The time of a question begins now. */
export function startQuestion(): TimeLeft {
  const startedAt = performance.now();
  return () => Math.max(0, QUESTION_MS - (performance.now() - startedAt));
}
