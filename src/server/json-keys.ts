import { stringEnd } from '../json-tokens.ts';
import { isFields } from '../protocol/json-rpc.ts';

const COLON = 58;

/**
 * Whether some object in a JSON text names a key twice. RFC 8259 §4 leaves the meaning open: `JSON.parse` keeps the
 * last, other parsers the first, so that a proxy could check one value and we act on the other. Keys in the text are
 * counted against keys in what was parsed of it; the text is known to be valid JSON.
 */
export function hasRepeatedKey(text: string, parsed: unknown): boolean {
  return countKeysOfText(text) !== countKeys(parsed);
}

/** Strings that a colon follows, however deep. */
function countKeysOfText(text: string): number {
  let count = 0;
  for (let start = text.indexOf('"'); start !== -1; ) {
    let after = stringEnd(text, start);
    while (text.charCodeAt(after) <= 32) after += 1;
    if (text.charCodeAt(after) === COLON) count += 1;
    start = text.indexOf('"', after);
  }
  return count;
}

/** Without recursion: a body of 4 MB can nest deeper than the stack. */
function countKeys(parsed: unknown): number {
  let count = 0;
  const waiting: unknown[] = [parsed];
  while (waiting.length > 0) {
    const value = waiting.pop();
    if (Array.isArray(value)) {
      for (const item of value) if (typeof item === 'object' && item !== null) waiting.push(item);
    } else if (isFields(value)) {
      // What JSON made has no keys but its own; a list of them is not made, since this is asked of each message.
      for (const key in value) {
        count += 1;
        const item = value[key];
        if (typeof item === 'object' && item !== null) waiting.push(item);
      }
    }
  }
  return count;
}
