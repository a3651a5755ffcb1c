/**
 * What an upstream wrote, without what does not show: escape sequences that repaint a terminal, control characters,
 * zero-width and bidi marks. The words are left alone.
 */

import { invisible } from '../../invisible-text.ts';
import { stringEnd } from '../../json-tokens.ts';

/**
 * True of every JSON text in which a string holds something to remove, literally or as an escape; also of a few harmless
 * ones, which then come out of the slow way unchanged. Nearly all text is told here, in one pass.
 */
const suspicious =
  /[\p{Cf}\p{Cs}\p{Default_Ignorable_Code_Point}\u007f-\u009f]|\\[bf]|\\u(?:00[0189a]|007f|034|06[01d]|070|08[9e]|11[56]|17b|18|20[026]|316|f(?:e[0f]|f[af])|d[89a-f])/iu;

/** CSI, OSC with its end, and the two-character sequences (ECMA-48 §5.3–5.6), in 7- and 8-bit form. */
const ansi =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  /(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]|(?:\u001b\]|\u009d)[^\u0007\u001b\u009c]{0,4096}(?:\u0007|\u001b\\|\u009c)|\u001b[ -/]*[0-~]/g;
/** All control characters but tab, line feed and carriage return. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g;

/** Without what does not show; marks that hold one emoji together stay. */
export function cleanText(text: string): string {
  return text.replace(ansi, '').replace(control, '').replace(invisible, keepInEmoji);
}

const EMOJI_BEFORE = /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|[#*0-9])\ufe0f?$/u;
const EMOJI_AFTER = /^\p{Extended_Pictographic}/u;

function keepInEmoji(mark: string, at: number, whole: string): string {
  if (mark !== '\ufe0f' && mark !== '\u200d') return '';
  const before = EMOJI_BEFORE.test(whole.slice(Math.max(0, at - 4), at));
  const after = mark === '\ufe0f' ? whole[at - 1] !== '\ufe0f' : EMOJI_AFTER.test(whole.slice(at + 1, at + 3));
  return before && after ? mark : '';
}

/**
 * A JSON text with every string in it cleaned, keys too; everything else stays byte for byte, and a text with nothing to
 * clean is returned itself.
 *
 * @param json valid JSON
 */
export function cleanJson(json: string): string {
  if (!suspicious.test(json)) return json;
  const parts: string[] = [];
  let done = 0;
  for (let at = json.indexOf('"'); at !== -1; at = json.indexOf('"', done)) {
    const end = stringEnd(json, at);
    const literal = json.slice(at, end);
    parts.push(json.slice(done, at), suspicious.test(literal) ? cleanLiteral(literal) : literal);
    done = end;
  }
  parts.push(json.slice(done));
  return parts.join('');
}

function cleanLiteral(literal: string): string {
  const text: unknown = JSON.parse(literal);
  const clean = cleanText(String(text));
  return clean === text ? literal : JSON.stringify(clean);
}
