import { ExactNumber, exactJson } from '../../protocol/exact-number.ts';

/** The same text for the same value, whatever the order of its keys (in the manner of RFC 8785); undefined when it is too deep. */
export function canonicalJson(value: unknown): string | undefined {
  try {
    // Written with care: a number of many digits is neither the text of them nor any object.
    return exactJson(sorted(value));
  } catch (thrown) {
    // The only error left to parsed JSON: nesting beyond the stack.
    if (thrown instanceof RangeError) return undefined;
    throw thrown;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  if (value instanceof ExactNumber) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  // From entries, because a key may be `__proto__`.
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
