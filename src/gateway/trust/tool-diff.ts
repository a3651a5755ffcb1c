/** What changed between two definitions of a tool, for a person who has to decide. */
import { invisible } from '../../invisible-text.ts';
import { canonicalJson } from './canonical-json.ts';
import { shorten } from './clean-text.ts';

const MAX_LINES = 60;
const MAX_VALUE_LENGTH = 300;

/**
 * One line a difference: `path: before → after`, `path: + new`, `path: − gone`. What does not show is shown as an escape,
 * for a zero-width mark may be the whole change.
 */
export function toolDiff(before: unknown, after: unknown): string[] {
  const lines: string[] = [];
  compare('', before, after, lines);
  const more = lines.length - MAX_LINES;
  return more > 0 ? [...lines.slice(0, MAX_LINES), `… e mais ${more} diferenças`] : lines;
}

function compare(path: string, before: unknown, after: unknown, lines: string[]): void {
  if (isTree(before) && isTree(after) && Array.isArray(before) === Array.isArray(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const inner = path === '' ? key : `${path}.${key}`;
      compare(visible(inner), own(before, key), own(after, key), lines);
    }
  } else if (before === undefined && after !== undefined) lines.push(`${path}: + ${shown(after)}`);
  else if (after === undefined && before !== undefined) lines.push(`${path}: − ${shown(before)}`);
  else if (canonicalJson(before) !== canonicalJson(after)) lines.push(`${path}: ${shown(before)} → ${shown(after)}`);
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function own(tree: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(tree, key) ? tree[key] : undefined;
}

function shown(value: unknown): string {
  return shorten(visible(JSON.stringify(value)), MAX_VALUE_LENGTH);
}

function visible(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the 8-bit controls, which JSON does not escape
  return text.replace(invisible, asEscape).replace(/[\u0000-\u001f\u007f-\u009f]/g, asEscape);
}

function asEscape(mark: string): string {
  return `\\u{${mark.codePointAt(0)?.toString(16)}}`;
}
