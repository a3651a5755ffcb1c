/** How long Omie asks us to wait: sentences in faults and the Retry-After header. All results in milliseconds. */

/** Nobody is told to wait longer than this, whatever a header says (a block is half an hour, extended at most to that again). */
export const LONGEST_WAIT_MS = 3_600_000;
const DAY_MS = 86_400_000;
/** Brazil has kept no daylight saving time since 2019. */
const BRASILIA_OFFSET_MS = -3 * 3_600_000;
/** A time of day up to this far behind us has just passed; further behind means tomorrow. */
const JUST_PASSED_MS = DAY_MS / 2;

/** "Aguarde 42 segundos", "em 1678 segundos", "às 10:20:30" (Brasília time). Undefined when the sentence names no wait. */
export function waitInSentence(sentence: string, nowMs: number): number | undefined {
  const seconds = /(\d{1,12})\s*segundo/i.exec(sentence)?.[1];
  if (seconds !== undefined) return Math.min(Number(seconds) * 1_000, LONGEST_WAIT_MS);
  const time = /\b([01]?\d|2[0-3]):([0-5]\d):([0-5]\d)\b/.exec(sentence);
  if (time === null) return undefined;
  const [, hours, minutes, secs] = time;
  const wantedMs = (Number(hours) * 3_600 + Number(minutes) * 60 + Number(secs)) * 1_000;
  const timeOfDayMs = (nowMs + BRASILIA_OFFSET_MS) % DAY_MS;
  const aheadMs = wantedMs - timeOfDayMs;
  if (aheadMs >= 0) return Math.min(aheadMs, LONGEST_WAIT_MS);
  return aheadMs > -JUST_PASSED_MS ? 0 : Math.min(aheadMs + DAY_MS, LONGEST_WAIT_MS);
}

/** Retry-After in seconds or as a date. Negative, past and garbage values say nothing: undefined. */
export function waitInHeader(retryAfter: string | undefined, nowMs: number): number | undefined {
  const text = retryAfter?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d{1,15}(\.\d+)?$/.test(text)) return Math.min(Number(text) * 1_000, LONGEST_WAIT_MS);
  // Date.parse takes "-5" and "1e9" for years: only what looks like an HTTP date is read as one.
  if (!/[a-z]{3}.*\d{2}:\d{2}:\d{2}/i.test(text)) return undefined;
  const aheadMs = Date.parse(text) - nowMs;
  return Number.isFinite(aheadMs) && aheadMs > 0 ? Math.min(aheadMs, LONGEST_WAIT_MS) : undefined;
}
