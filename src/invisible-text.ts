/**
 * Characters that take part in a text without showing: bidi overrides, zero-width marks, tags, soft hyphens, variation
 * selectors, lone surrogates. Whatever others wrote is shown to a language model next to instructions, and these are
 * how an instruction is hidden in it.
 */
export const invisible = /[\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}]/gu;

/** With every character that does not show, ends a line or steers a terminal, as an escape: `\u{202e}`. */
export function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  return text.replace(invisible, asEscape).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, asEscape);
}

/** The same JSON for whoever parses it, with escapes (RFC 8259 §7) for characters that would not show or that end a line. */
export function visibleJson(json: string): string {
  return json.replace(invisible, asJsonEscapes).replace(/[\u007f-\u009f\u2028\u2029]/g, asJsonEscapes);
}

const asEscape = (mark: string): string => `\\u{${mark.codePointAt(0)?.toString(16)}}`;

/** One for each half of a pair. */
function asJsonEscapes(mark: string): string {
  const halves = Array.from({ length: mark.length }, (_, at) => mark.charCodeAt(at));
  return halves.map((half) => `\\u${half.toString(16).padStart(4, '0')}`).join('');
}
