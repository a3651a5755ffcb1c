/** Bytes of a server as text, in which what is no UTF-8 can be told from what the server wrote. */
import { isUtf8 } from 'node:buffer';

/**
 * Stands in the place of bytes that are no UTF-8. No text that is has it: two second halves of pairs in a row. One alone
 * would not do, since `includes` also finds it inside a pair (the second half of 🏿, U+1F3FF, is `\udfff`).
 */
export const BROKEN = '\udfff\udfff';

/** Of a whole message, or of a line of a stream. */
export function utf8Text(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  return isUtf8(bytes) ? text : text.replaceAll('\ufffd', BROKEN);
}

const NEWLINE = 0x0a;

/** The text of bytes that come piece by piece. */
export class Utf8Stream {
  /** A character that has begun. */
  #begun: Buffer | undefined;

  write(chunk: Buffer): string {
    const bytes = this.#begun === undefined ? chunk : Buffer.concat([this.#begun, chunk]);
    const whole = bytes.length - begunLength(bytes);
    this.#begun = whole === bytes.length ? undefined : Buffer.from(bytes.subarray(whole));
    const piece = bytes.subarray(0, whole);
    return isUtf8(piece) ? piece.toString('utf8') : lineByLine(piece);
  }
}

/** One broken line says nothing about the characters of another. */
function lineByLine(bytes: Buffer): string {
  let text = '';
  for (let start = 0; start < bytes.length; ) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline + 1;
    text += utf8Text(bytes.subarray(start, end));
    start = end;
  }
  return text;
}

/** How many of the last bytes begin a character that is not over; never more than three. */
function begunLength(bytes: Buffer): number {
  for (let back = 1; back <= 3 && back <= bytes.length; back += 1) {
    const byte = bytes[bytes.length - back] ?? 0;
    if (byte < 0x80) return 0;
    if (byte >= 0xc0) return lengthOf(byte) > back ? back : 0;
  }
  return 0;
}

/** Of a character, by its first byte. */
function lengthOf(first: number): number {
  if (first >= 0xf0) return 4;
  return first >= 0xe0 ? 3 : 2;
}
