import { shorten } from '../shorten.ts';

/** More would only be more of the same. */
const MOST = 10;
const LOST = '__proto__';

/**
 * Where a value parsed from JSON holds the key `__proto__`, as paths (`env.__proto__`): there it is a plain key, which zod
 * leaves out without a word. Without recursion: a body of 4 MB can nest deeper than the stack.
 */
export function lostKeys(value: unknown): string[] {
  const found: string[] = [];
  const waiting: [path: string, value: unknown][] = [['', value]];
  for (let next = waiting.pop(); next !== undefined && found.length < MOST; next = waiting.pop()) {
    const [path, holder] = next;
    if (typeof holder !== 'object' || holder === null) continue;
    if (Object.hasOwn(holder, LOST)) found.push(join(path, LOST));
    for (const [key, item] of Object.entries(holder)) {
      if (typeof item === 'object' && item !== null) waiting.push([join(path, key), item]);
    }
  }
  return found;
}

/** Names that a caller made up are cut: they are shown, and may be as long as a body. */
const join = (path: string, key: string): string =>
  shorten([path, shorten(key, 80)].filter((part) => part !== '').join('.'), 400);
