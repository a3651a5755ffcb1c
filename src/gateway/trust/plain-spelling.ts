/** ASCII that shows, where a server spelt it as an escape: read past by whoever looks for a word in the text. */
const ESCAPE = /\\(?:u00([2-7][0-9a-fA-F])|.)/g;

/**
 * The same JSON with every letter, digit and sign of ASCII as itself, as nearly all servers write them; what must be
 * escaped in JSON is, in the usual way. A text without such escapes is returned itself.
 *
 * @param json valid JSON
 */
export function plainSpelling(json: string): string {
  // A backslash stands in nothing but strings, and from the left each begins an escape.
  return json.includes('\\u00') ? json.replace(ESCAPE, asItself) : json;
}

function asItself(written: string, code: string | undefined): string {
  if (code === undefined || code.toLowerCase() === '7f') return written;
  const character = String.fromCharCode(Number.parseInt(code, 16));
  return character === '"' || character === '\\' ? `\\${character}` : character;
}
