import { z } from 'zod';

const DATE = z.iso.date();
const INSTANT = z.iso.datetime({ offset: true });

/**
 * When a text of `expira` is over, epoch milliseconds: a date is good to its end in São Paulo (UTC-3 all year since
 * 2019), an instant with its offset to that instant. Undefined for anything else.
 */
export function expiryOf(text: string): number | undefined {
  if (DATE.safeParse(text).success) return Date.parse(`${text}T00:00:00-03:00`) + 24 * 3_600_000;
  return INSTANT.safeParse(text).success ? Date.parse(text) : undefined;
}
