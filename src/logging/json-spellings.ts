/**
 * What a JSON text says however its characters are spelt: .NET writes `+` as `\u002B`, Go `&` as `\u0026`, PHP `/` as `\/`,
 * and JSON that stands in a string of JSON is escaped once more (RFC 8259 §7).
 */
import type { FormSearch } from './form-search.ts';

/** One escape with all backslashes before it, be they of one level or of several; or backslashes alone. */
const ESCAPE = /(?:\\(?:u005[cC])?)+(?:u([0-9a-fA-F]{4})|([nrtbf"/]))?/g;
const SHORT: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['b', '\b'],
  ['f', '\f'],
]);

/**
 * Every escape as its character, at whatever level it stands; other backslashes are gone, for whether one is part of what is
 * said depends on the level. For searching alone.
 */
export function unescaped(text: string): string {
  return text.replace(ESCAPE, asCharacter);
}

function asCharacter(_all: string, code: string | undefined, short: string | undefined): string {
  if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16));
  return short === undefined ? '' : (SHORT.get(short) ?? short);
}

/** What the secrets that are looked for hold, and so which escapes have to be read. */
export interface Spelt {
  readonly slash: boolean;
  readonly notAscii: boolean;
}

const BACKSLASH = 0x5c;
/** All escapes of ASCII begin so, and hardly anything else does: found far sooner than backslashes, of which there may be many. */
const ASCII = 'u00';

/** Whether some character may be spelt in a way that is not that of `JSON.stringify`. Asked of nearly every text that leaves. */
export function mayBeSpelt(text: string | Buffer, { slash, notAscii }: Spelt): boolean {
  if (slash && text.includes('\\/')) return true;
  if (notAscii && text.includes('\\u')) return true;
  for (let at = text.indexOf(ASCII); at !== -1; at = text.indexOf(ASCII, at + ASCII.length)) {
    if (codeAt(text, at - 1) === BACKSLASH && isOfKey(codeAt(text, at + ASCII.length))) return true;
  }
  return false;
}

/** What shows, `\u0020`–`\u007e`, and the line breaks of a key in PEM. */
const isOfKey = (digit: number): boolean => digit === 0x30 || (digit >= 0x32 && digit <= 0x37);

function codeAt(text: string | Buffer, at: number): number {
  return (typeof text === 'string' ? text.charCodeAt(at) : text[at]) ?? 0;
}

/** Every occurrence replaced as it is spelt; the same text when there is none. */
export function replaceSpelt(text: string, search: FormSearch, by: string): string {
  const plain = unescaped(text);
  const found = plain === text ? [] : [...search.occurrences(plain)];
  if (found.length === 0) return text;
  const places = placesOf(text);
  let replaced = '';
  let from = 0;
  for (const { start, end } of found) {
    replaced += text.slice(from, places[start]) + by;
    from = places[end] ?? text.length;
  }
  return replaced + text.slice(from);
}

/** For each character of {@link unescaped}, and for its end, where it stands in the text. */
function placesOf(text: string): number[] {
  const places: number[] = [];
  let at = 0;
  for (const found of text.matchAll(ESCAPE)) {
    for (; at < found.index; at += 1) places.push(at);
    if (found[1] !== undefined || found[2] !== undefined) places.push(at);
    at += found[0].length;
  }
  for (; at <= text.length; at += 1) places.push(at);
  return places;
}
