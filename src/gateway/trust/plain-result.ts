/**
 * Tells, in one pass over the bytes, of a result that nothing needs to be done to. Nearly all are such; proving it JSON,
 * looking for what does not show and for members of note one after the other takes several times as long.
 */

/** Deeper ones are looked at the slow way. */
const MAX_DEPTH = 64;
/** Of the outermost object; none has more than a handful. */
const MAX_MEMBERS = 32;
const NOT_KEPT: number[] = [];
const NO = -1;

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** 1 for bytes that in a string are more than themselves, or must not be there: controls, `"`, `\`, DEL, all not ASCII. */
const isSpecial = new Uint8Array(256).map((_, byte) =>
  Number(byte < 0x20 || byte === QUOTE || byte === BACKSLASH || byte >= 0x7f),
);
/** 1 for what may follow a backslash without a second look: the escapes of b, f and u may write what does not show. */
const isPlainEscape = bytesOf('"\\/nrt');
const isDigit = bytesOf('0123456789');

/**
 * True only of the JSON text of one object with
 * - nothing that {@link cleanJson} would change, no line break and no escape but the usual ones;
 * - no two members of one name at its outermost level;
 * - none of `_meta` and `resultType` at its outermost level, and no `isError` but `false`;
 * - nowhere a string that reads `resource` or `resource_link`, as every piece of content with a URI has;
 * - nowhere a member `data` or `blob` that is a string: there stand bytes as Base64, in which secrets have to be looked for.
 *
 * False says nothing: such a text has to be looked at the slow way.
 */
export function isPlainResult(bytes: Uint8Array, start: number, end: number): boolean {
  return bytes[start] === OPEN_OBJECT && objectEnd(bytes, start, end, 1) === end;
}

/** One past the value, or NO when there is none or it is not plain. */
function valueEnd(bytes: Uint8Array, at: number, end: number, depth: number): number {
  switch (bytes[at]) {
    case QUOTE:
      return plainStringEnd(bytes, at, end);
    case OPEN_OBJECT:
      return objectEnd(bytes, at, end, depth + 1);
    case OPEN_LIST:
      return listEnd(bytes, at, end, depth + 1);
    case 0x74:
      return wordEnd(bytes, at, 'true');
    case 0x66:
      return wordEnd(bytes, at, 'false');
    case 0x6e:
      return wordEnd(bytes, at, 'null');
    default:
      return numberEnd(bytes, at);
  }
}

function objectEnd(bytes: Uint8Array, open: number, end: number, depth: number): number {
  if (depth > MAX_DEPTH) return NO;
  let at = skipSpaces(bytes, open + 1);
  if (bytes[at] === CLOSE_OBJECT) return at + 1;
  const keys = depth === 1 ? [] : NOT_KEPT;
  while (bytes[at] === QUOTE) {
    const keyEnd = plainStringEnd(bytes, at, end);
    if (keyEnd === NO) return NO;
    const colon = skipSpaces(bytes, keyEnd);
    if (bytes[colon] !== COLON) return NO;
    const value = skipSpaces(bytes, colon + 1);
    if (depth === 1) {
      if (isOfNote(bytes, at, keyEnd, value) || keys.length === MAX_MEMBERS || isAmong(bytes, keys, at, keyEnd))
        return NO;
      keys.push(at);
    }
    if (bytes[value] === QUOTE && keyEnd - at === 6 && holdsBytes(bytes, at)) return NO;
    const valueOver = valueEnd(bytes, value, end, depth);
    if (valueOver === NO) return NO;
    at = skipSpaces(bytes, valueOver);
    if (bytes[at] === CLOSE_OBJECT) return at + 1;
    if (bytes[at] !== COMMA) return NO;
    at = skipSpaces(bytes, at + 1);
  }
  return NO;
}

function listEnd(bytes: Uint8Array, open: number, end: number, depth: number): number {
  if (depth > MAX_DEPTH) return NO;
  let at = skipSpaces(bytes, open + 1);
  if (bytes[at] === CLOSE_LIST) return at + 1;
  while (at < end) {
    const valueOver = valueEnd(bytes, at, end, depth);
    if (valueOver === NO) return NO;
    at = skipSpaces(bytes, valueOver);
    if (bytes[at] === CLOSE_LIST) return at + 1;
    if (bytes[at] !== COMMA) return NO;
    at = skipSpaces(bytes, at + 1);
  }
  return NO;
}

function plainStringEnd(bytes: Uint8Array, open: number, end: number): number {
  let at = open + 1;
  for (; at < end; at += 1) {
    const byte = bytes[at] ?? 0;
    if (isSpecial[byte] === 0) continue;
    if (byte === QUOTE) break;
    if (byte === BACKSLASH) {
      at += 1;
      if (isPlainEscape[bytes[at] ?? 0] === 0) return NO;
    } else {
      const more = visibleTail(bytes, at, byte);
      if (more === 0) return NO;
      at += more;
    }
  }
  // Also when the last character was thought to reach beyond the end.
  if (at >= end) return NO;
  return isPointer(bytes, open, at + 1) ? NO : at + 1;
}

/**
 * How many bytes follow the first one of a character that shows: Latin letters and signs (U+00A0–U+00FF without the soft
 * hyphen), dashes, quotes and the like (U+2010–U+2027, U+2030–U+203F), currencies (U+2080–U+20BF). 0 for all others.
 */
function visibleTail(bytes: Uint8Array, at: number, first: number): 0 | 1 | 2 {
  const second = bytes[at + 1] ?? 0;
  if (first === 0xc3) return isBetween(second, 0x80, 0xbf) ? 1 : 0;
  if (first === 0xc2) return isBetween(second, 0xa0, 0xbf) && second !== 0xad ? 1 : 0;
  if (first !== 0xe2) return 0;
  const third = bytes[at + 2] ?? 0;
  if (second === 0x80) return isBetween(third, 0x90, 0xa7) || isBetween(third, 0xb0, 0xbf) ? 2 : 0;
  return second === 0x82 && isBetween(third, 0x80, 0xbf) ? 2 : 0;
}

const isBetween = (byte: number, low: number, high: number): boolean => byte >= low && byte <= high;

/** A number of JSON; anything else is none. */
function numberEnd(bytes: Uint8Array, start: number): number {
  let at = bytes[start] === 0x2d ? start + 1 : start;
  const first = bytes[at];
  const whole = digitsEnd(bytes, at);
  if (whole === at || (first === 0x30 && whole > at + 1)) return NO;
  at = whole;
  if (bytes[at] === 0x2e) {
    const fraction = digitsEnd(bytes, at + 1);
    if (fraction === at + 1) return NO;
    at = fraction;
  }
  if (bytes[at] !== 0x65 && bytes[at] !== 0x45) return at;
  const sign = bytes[at + 1];
  const digits = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1;
  const exponent = digitsEnd(bytes, digits);
  return exponent === digits ? NO : exponent;
}

function digitsEnd(bytes: Uint8Array, start: number): number {
  let at = start;
  while (isDigit[bytes[at] ?? 0] === 1) at += 1;
  return at;
}

function wordEnd(bytes: Uint8Array, at: number, word: string): number {
  return reads(bytes, at, word) ? at + word.length : NO;
}

/** Between the quotes included. */
function isPointer(bytes: Uint8Array, open: number, end: number): boolean {
  const length = end - open;
  if (length === 10) return reads(bytes, open, '"resource"');
  return length === 15 && reads(bytes, open, '"resource_link"');
}

function isOfNote(bytes: Uint8Array, key: number, keyEnd: number, value: number): boolean {
  const length = keyEnd - key;
  if (length === 7) return reads(bytes, key, '"_meta"');
  if (length === 12) return reads(bytes, key, '"resultType"');
  return length === 9 && reads(bytes, key, '"isError"') && !reads(bytes, value, 'false');
}

/** Whether a key that begins at one of these places reads the same, with its quotes. */
function isAmong(bytes: Uint8Array, keys: readonly number[], key: number, keyEnd: number): boolean {
  return keys.some((other) => {
    let offset = 0;
    while (key + offset < keyEnd && bytes[other + offset] === bytes[key + offset]) offset += 1;
    return key + offset === keyEnd;
  });
}

function holdsBytes(bytes: Uint8Array, key: number): boolean {
  return reads(bytes, key, '"data"') || reads(bytes, key, '"blob"');
}

function reads(bytes: Uint8Array, at: number, ascii: string): boolean {
  for (let offset = 0; offset < ascii.length; offset += 1) {
    if (bytes[at + offset] !== ascii.charCodeAt(offset)) return false;
  }
  return true;
}

function skipSpaces(bytes: Uint8Array, from: number): number {
  let at = from;
  while (bytes[at] === 0x20) at += 1;
  return at;
}

function bytesOf(characters: string): Uint8Array {
  const table = new Uint8Array(256);
  for (const character of characters) table[character.charCodeAt(0)] = 1;
  return table;
}
