import { invisible } from '../invisible-text.ts';

/**
 * Text that people typed into Omie is data, shown to a language model next to instructions: nothing invisible, nothing that
 * reverses reading order, no new lines, no essays. What it says is left alone; it is the reader who must not obey it.
 */
const MAX_LENGTH = 200;
/** Words of plain Latin-1 with single spaces between: nearly every text, and nothing of it would change. */
const plain = /^[!-~À-ÿ]+(?: [!-~À-ÿ]+)*$/;
const blank = /[\s\p{Cc}\p{Zl}\p{Zp}]+/gu;

/** Clean text of at most `maxLength` characters (the last one "…" when cut), or undefined when nothing is left. */
export function recordText(text: string | null | undefined, maxLength = MAX_LENGTH): string | undefined {
  if (text === null || text === undefined) return undefined;
  if (text.length <= maxLength && plain.test(text)) return text;
  // Nobody reads past this: it only bounds the work on a hostile text.
  const bounded = text.length > maxLength * 20 ? text.slice(0, maxLength * 20) : text;
  const clean = bounded.replace(invisible, '').replace(blank, ' ').trim();
  if (clean === '') return undefined;
  if (clean.length <= maxLength) return clean;
  const characters = [...clean];
  return characters.length <= maxLength ? clean : `${characters.slice(0, maxLength - 1).join('')}…`;
}
