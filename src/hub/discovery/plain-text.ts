import { cleanText } from '../../gateway/trust/clean-text.ts';
import { shorten } from '../../shorten.ts';

/** What strangers wrote, on one line, without what does not show, and no longer than it is worth. */
export function plainText(text: string, maxLength: number): string {
  return shorten(cleanText(text).replaceAll(/\s+/g, ' ').trim(), maxLength);
}

/** The words of a query; marks that would be operators of somebody's search language are none of them. */
export function wordsOf(query: string): readonly string[] {
  const words = cleanText(query)
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');
  return [...new Set(words)].slice(0, 8);
}
