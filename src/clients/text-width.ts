/** How much of a terminal line a text takes, and how to make it take less. */

const graphemes = new Intl.Segmenter('pt-BR', { granularity: 'grapheme' });
const doubleWidth =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;
/** Names come from other people's records: an escape sequence or a line break in one must not reach the terminal. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}]+/gu;
const onlyMarks = /^\p{M}+$/u;

/** One line of printable text: control and direction characters become a space. */
export function printable(text: string): string {
  return text.replace(unprintable, ' ').replace(/\s+/gu, ' ').trim();
}

/** Columns taken: an accented letter is one, whether composed or not; ideographs and emoji are two. */
export function textWidth(text: string): number {
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += graphemeWidth(segment);
  return width;
}

/** At most `width` columns; what was cut is told by `…`. */
export function truncate(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  if (width <= 0) return '';
  let kept = '';
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const next = used + graphemeWidth(segment);
    if (next > width - 1) break;
    kept += segment;
    used = next;
  }
  return `${kept.trimEnd()}…`;
}

/** Exactly `width` columns: cut or filled with spaces. */
export function fitWidth(text: string, width: number, align: 'left' | 'right'): string {
  const short = truncate(text, width);
  const fill = ' '.repeat(Math.max(0, width - textWidth(short)));
  return align === 'left' ? short + fill : fill + short;
}

/** Words over as many lines as they need, none wider than `width`. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (textWidth(longer) <= width) {
      line = longer;
      continue;
    }
    if (line !== '') lines.push(line);
    line = truncate(word, width);
  }
  return line === '' ? lines : [...lines, line];
}

function graphemeWidth(grapheme: string): number {
  if (onlyMarks.test(grapheme)) return 0;
  return doubleWidth.test(grapheme) ? 2 : 1;
}
