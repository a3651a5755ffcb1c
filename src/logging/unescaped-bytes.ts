/** JSON's escapes as their characters, in the bytes of a text: far cheaper than making a text of them first. */

const BACKSLASH = 0x5c;
const LETTER_U = 0x75;
const CODE_LENGTH = 'u0000'.length;
/** The byte for which a letter behind a backslash stands; 0 for all others. */
const SHORT = perByte({ n: 0x0a, r: 0x0d, t: 0x09, b: 0x08, f: 0x0c, '"': 0x22, '/': 0x2f });
/** One more than the value of a hexadecimal digit; 0 for all others. */
const DIGITS = perByte(
  Object.fromEntries([...'0123456789abcdefABCDEF'].map((digit) => [digit, parseInt(digit, 16) + 1])),
);
/** The second half of a pair replaces what its first half became: as UTF-8 has it, that is a character that is none. */
const HALF = Buffer.from('\ufffd');

/**
 * Every escape as its character in UTF-8, at whatever level it stands; other backslashes are gone: what `unescaped` makes of the
 * text. One pass without a call for each escape, for JSON in JSON is full of them.
 */
export function unescapedBytes(bytes: Buffer): Buffer {
  // No escape is shorter than its character.
  const plain = Buffer.allocUnsafe(bytes.length);
  const end = bytes.length;
  let size = 0;
  /** The first half of a pair, and where it ends. */
  let half = 0;
  let halfEnd = -1;
  for (let at = 0; at < end; ) {
    const byte = bytes[at] ?? 0;
    at += 1;
    if (byte !== BACKSLASH) {
      plain[size] = byte;
      size += 1;
      continue;
    }
    // By far the most: a quote.
    let next = bytes[at] ?? 0;
    if (next === BACKSLASH || next === LETTER_U) {
      at = behindBackslashes(bytes, at);
      next = bytes[at] ?? 0;
    }
    const code = next === LETTER_U ? codeAt(bytes, at + 1) : -1;
    if (code !== -1) {
      at += CODE_LENGTH;
      const isSecondHalf = halfEnd === size && code >= 0xdc00 && code <= 0xdfff;
      if (isSecondHalf) size -= HALF.length;
      size += write(plain, size, isSecondHalf ? 0x10000 + ((half - 0xd800) << 10) + (code - 0xdc00) : code);
      half = code;
      halfEnd = code >= 0xd800 && code <= 0xdbff ? size : -1;
      continue;
    }
    const meant = SHORT[next] ?? 0;
    if (meant === 0) continue;
    at += 1;
    plain[size] = meant;
    size += 1;
  }
  return plain.subarray(0, size);
}

/** Past all others that follow a backslash; each of them may go on as the code of one. */
function behindBackslashes(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    if (bytes[at] === LETTER_U && codeAt(bytes, at + 1) === BACKSLASH) at += CODE_LENGTH;
    if (bytes[at] !== BACKSLASH) return at;
    at += 1;
  }
}

/** What four hexadecimal digits say; -1 when there are none. */
function codeAt(bytes: Buffer, from: number): number {
  let code = 0;
  for (let at = from; at < from + 4; at += 1) {
    const digit = DIGITS[bytes[at] ?? 0] ?? 0;
    if (digit === 0) return -1;
    code = code * 16 + digit - 1;
  }
  return code;
}

/** How many bytes it took. */
function write(plain: Buffer, at: number, code: number): number {
  if (code >= 0x80) return plain.write(String.fromCodePoint(code), at);
  plain[at] = code;
  return 1;
}

function perByte(values: Readonly<Record<string, number>>): Uint8Array {
  const table = new Uint8Array(0x100);
  for (const [letter, value] of Object.entries(values)) table[letter.charCodeAt(0)] = value;
  return table;
}
