/**
 * At most `maxLength` characters, the last one "…" when cut, never through a character: half of a pair, which JSON can only write
 * as an escape, costs many a reader (in Python, in Rust) the whole message.
 */
export function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  const cut = text.slice(0, maxLength - 1);
  return `${/[\ud800-\udbff]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
