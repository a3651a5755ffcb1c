/** The strings and numbers of a JSON text, where everything else must stay as it was written. The text is known to be valid. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const NUMBER = /-?\d[\d.eE+-]*/y;

/** One past the closing quote of the string that begins at `at`. */
export function stringEnd(text: string, at: number): number {
  for (let quote = text.indexOf('"', at + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
    let slashes = 0;
    while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes += 1;
    if (slashes % 2 === 0) return quote + 1;
  }
  return text.length;
}

/**
 * The text with other tokens; itself when none is another.
 *
 * @param replace gets each string with its quotes, names of members too, and each number, and how many objects and lists
 * it stands in
 */
export function replaceTokens(json: string, replace: (token: string, depth: number) => string): string {
  const parts: string[] = [];
  let done = 0;
  let depth = 0;
  for (let at = 0; at < json.length; ) {
    const end = tokenEnd(json, at);
    if (end === at) {
      const code = json.charCodeAt(at);
      if (code === 0x7b || code === 0x5b) depth += 1;
      else if (code === 0x7d || code === 0x5d) depth -= 1;
      at += 1;
      continue;
    }
    const token = json.slice(at, end);
    const other = replace(token, depth);
    if (other !== token) {
      parts.push(json.slice(done, at), other);
      done = end;
    }
    at = end;
  }
  return done === 0 ? json : parts.join('') + json.slice(done);
}

/** `at` itself when neither a string nor a number begins there. */
function tokenEnd(json: string, at: number): number {
  const code = json.charCodeAt(at);
  if (code === QUOTE) return stringEnd(json, at);
  if (code !== MINUS && !(code >= 0x30 && code <= 0x39)) return at;
  NUMBER.lastIndex = at;
  return at + (NUMBER.exec(json)?.[0].length ?? 1);
}
