import { MAX_EXACT_NUMBERS, parseExactly, TooManyExactNumbersError } from '../../protocol/exact-number.ts';

/** What was parsed of a text; undefined where more numbers than are kept would be rounded. @param json JSON */
export function parseKept(json: string): unknown {
  try {
    return parseExactly(json, MAX_EXACT_NUMBERS);
  } catch (thrown) {
    if (thrown instanceof TooManyExactNumbersError) return undefined;
    throw thrown;
  }
}
