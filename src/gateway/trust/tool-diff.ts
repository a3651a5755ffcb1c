/** What changed between two definitions of a tool, for a person who has to decide. */
import { visible } from '../../invisible-text.ts';
import { ExactNumber, exactJson } from '../../protocol/exact-number.ts';
import { shorten } from '../../shorten.ts';
import { canonicalJson } from './canonical-json.ts';

const MAX_LINES = 60;
const MAX_VALUE_LENGTH = 300;
/** Of two definitions that are kept without the credentials that they name. */
export const ONLY_HIDDEN = 'difere só em credenciais ocultas';

/** One place where two definitions differ, as JSON texts; what does not show is shown as an escape. */
export interface Difference {
  /** E.g. `inputSchema.properties.nota`. */
  readonly path: string;
  /** Undefined when it is new. */
  readonly before: string | undefined;
  /** Undefined when it is gone. */
  readonly after: string | undefined;
}

/**
 * One line a difference of two definitions that are not the same: `path: before → after`, `path: + new`, `path: − gone`,
 * short enough for a log; never none. Somebody who is to agree must see {@link toolDifferences}.
 */
export function toolDiff(before: unknown, after: unknown): string[] {
  const lines = toolDifferences(before, after).map(line);
  if (lines.length === 0) return [ONLY_HIDDEN];
  const more = lines.length - MAX_LINES;
  return more > 0 ? [...lines.slice(0, MAX_LINES), `… e mais ${more} diferenças`] : lines;
}

/** All that differs, whole: a zero-width mark may be the change, or the end of a long description. */
export function toolDifferences(before: unknown, after: unknown): Difference[] {
  const found: Difference[] = [];
  compare('', before, after, found);
  return found;
}

function line({ path, before, after }: Difference): string {
  if (before === undefined) return `${path}: + ${short(after)}`;
  return after === undefined ? `${path}: − ${short(before)}` : `${path}: ${short(before)} → ${short(after)}`;
}

const short = (text = ''): string => shorten(text, MAX_VALUE_LENGTH);

function compare(path: string, before: unknown, after: unknown, found: Difference[]): void {
  if (isTree(before) && isTree(after) && Array.isArray(before) === Array.isArray(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      const inner = path === '' ? key : `${path}.${key}`;
      compare(visible(inner), own(before, key), own(after, key), found);
    }
  } else if (canonicalJson(before) !== canonicalJson(after))
    found.push({ path, before: shown(before), after: shown(after) });
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof ExactNumber);
}

function own(tree: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(tree, key) ? tree[key] : undefined;
}

function shown(value: unknown): string | undefined {
  return value === undefined ? undefined : visible(exactJson(value));
}
