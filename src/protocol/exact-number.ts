/**
 * Numbers that JavaScript cannot hold. An id of 17 digits that a server wrote reaches a client digit by digit; sent back
 * as an argument it must not become its neighbour. RFC 8259 §6 sets no bound to numbers, `JSON.parse` rounds them.
 */
import { randomUUID } from 'node:crypto';
import { replaceTokens } from '../json-tokens.ts';
import { survivesDouble } from './number-text.ts';

/** Of one message. Each takes the time and the memory of a text; no honest message has so many. */
export const MAX_EXACT_NUMBERS = 10_000;

export class TooManyExactNumbersError extends Error {
  constructor() {
    super(`More than ${MAX_EXACT_NUMBERS} numbers have more digits than a double holds.`);
    this.name = new.target.name;
  }
}

/** How often one was written as a string: tells a text that must be written again with care from all others. */
let written = 0;

/** A number as its text. Where nobody knows it, it is written as a string, with all its digits. */
export class ExactNumber {
  /** A member like any other, so that two are only alike where their digits are. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string | number {
    written += 1;
    return this.text;
  }
}

/**
 * One in a schema: where nobody knows it, it is rounded, for a text would be another rule than the number was; one beyond all
 * doubles to the last of them. So `JSON.stringify` tells neither how large something with such numbers is nor whether it is
 * another than before: sizes, digests and comparisons take {@link exactJson}.
 */
class ListedNumber extends ExactNumber {
  override toJSON(): number {
    super.toJSON();
    return Math.max(-Number.MAX_VALUE, Math.min(Number(this.text), Number.MAX_VALUE));
  }
}

/**
 * What was parsed of a message, with {@link ExactNumber}s in the place of numbers that were rounded. Those of the protocol
 * itself stay numbers: what stands less than three deep in a message (ids, progress) is never more than one.
 *
 * @param parsed what `JSON.parse` made of the text
 * @param least how deep the first ones may stand
 * @throws TooManyExactNumbersError
 */
export function withExactNumbers(
  text: string,
  parsed: unknown,
  least = Array.isArray(parsed) ? 4 : 3,
  most = MAX_EXACT_NUMBERS,
): unknown {
  return replaced(text, parsed, least, most, (digits) => new ExactNumber(digits));
}

/**
 * `JSON.parse` with {@link ExactNumber}s, however deep.
 *
 * @param text of bounded length
 * @param most however many, unless it is given
 * @throws TooManyExactNumbersError
 */
export function parseExactly(text: string, most = Number.POSITIVE_INFINITY): unknown {
  return withExactNumbers(text, JSON.parse(text), 0, most);
}

/**
 * The same of a list of what is offered, or of one of it: plain `JSON.stringify` rounds the numbers in its schemas.
 *
 * @param most `Infinity` for what was bounded when it was first read
 * @throws TooManyExactNumbersError
 */
export function withListedNumbers(text: string, parsed: unknown, most = MAX_EXACT_NUMBERS): unknown {
  return replaced(text, parsed, 0, most, (digits) => new ListedNumber(digits));
}

type Make = (digits: string) => ExactNumber;

function replaced(text: string, parsed: unknown, least: number, most: number, make: Make): unknown {
  if (!mayBeRounded(text)) return parsed;
  // Nobody can write it: it is made for this text alone.
  const mark = randomUUID();
  let found = 0;
  const marked = replaceTokens(text, (token, depth) => {
    if (token.startsWith('"') || depth < least || survivesDouble(token)) return token;
    found += 1;
    if (found > most) throw new TooManyExactNumbersError();
    return `"${mark}${token}"`;
  });
  return marked === text ? parsed : unmarked(JSON.parse(marked), mark, make);
}

/** Without recursion: a body of 4 MB can nest deeper than the stack. */
function unmarked(root: unknown, mark: string, make: Make): unknown {
  const waiting: object[] = typeof root === 'object' && root !== null ? [root] : [];
  const exact = (item: unknown): unknown => {
    if (typeof item === 'string' && item.startsWith(mark)) return make(item.slice(mark.length));
    if (typeof item === 'object' && item !== null) waiting.push(item);
    return item;
  };
  for (let holder = waiting.pop(); holder !== undefined; holder = waiting.pop()) {
    if (Array.isArray(holder)) {
      for (const [at, item] of holder.entries()) holder[at] = exact(item);
    } else {
      // Defined, because a key may be `__proto__`.
      for (const [key, item] of Object.entries(holder)) {
        const value = exact(item);
        if (value !== item)
          Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
      }
    }
  }
  return root;
}

/** For a reader who knows no exact ones: those of a list are rounded. The same value when there are none. */
export function roundedNumbers<T>(value: T): T {
  const before = written;
  const text = JSON.stringify(value);
  return written === before ? value : JSON.parse(text);
}

/** `JSON.stringify` with {@link ExactNumber}s as the numbers that they are. */
export function exactJson(value: unknown, indent?: number): string {
  const before = written;
  const text = JSON.stringify(value, undefined, indent);
  if (written === before) return text;
  const mark = randomUUID();
  const marked = JSON.stringify(
    value,
    function (this: unknown, key: string, item: unknown) {
      const own: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, key) : undefined;
      return own instanceof ExactNumber ? `${mark}${own}` : item;
    },
    indent,
  );
  return replaceTokens(marked, (token) => (token.startsWith(`"${mark}`) ? token.slice(mark.length + 1, -1) : token));
}

const isDigit = (code: number): boolean => code >= 0x30 && code <= 0x39;
/** `. + - e E` and digits. */
const isOfNumber = (code: number): boolean =>
  isDigit(code) || code === 0x2e || code === 0x2b || code === 0x2d || code === 0x65 || code === 0x45;

/**
 * Whether some number may not be what it was written as. Every third character is looked at, for what does not survive has
 * three digits in a row: 16 of them, perhaps with a point between, or an exponent of three. Asked of every message.
 */
function mayBeRounded(text: string): boolean {
  for (let at = 2; at < text.length; at += 3) {
    if (!isDigit(text.charCodeAt(at))) continue;
    let start = at;
    while (isOfNumber(text.charCodeAt(start - 1))) start -= 1;
    let end = at + 1;
    while (isOfNumber(text.charCodeAt(end))) end += 1;
    if (end - start >= 5 && isBefore(text.charCodeAt(start - 1)) && !survivesDouble(text.slice(start, end)))
      return true;
    at = end;
  }
  return false;
}

/** What a number in JSON stands behind: `:`, `,`, `[` or a space. */
const isBefore = (code: number): boolean => code === 0x3a || code === 0x2c || code === 0x5b || code <= 0x20;
