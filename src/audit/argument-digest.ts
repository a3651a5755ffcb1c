import { createHmac, type KeyObject } from 'node:crypto';

/** Deeper than any argument of ours; JSON of 4 MB can nest deeper than the stack is high. */
const MAX_DEPTH = 64;

/**
 * What the arguments of a call are compared by, without telling them: HMAC-SHA-256 over their canonical JSON. A bare hash
 * would not do: there are 10^9 CPFs, and whoever holds the log could try them all within minutes.
 */
export function argumentDigest(args: unknown, key: KeyObject): string {
  return createHmac('sha256', key).update(canonical(args, 0)).digest('hex');
}

/** JSON with sorted keys, so that the same question has the same digest however it was written. */
function canonical(value: unknown, depth: number): string {
  if (typeof value !== 'object' || value === null || writesItself(value)) return JSON.stringify(value) ?? 'null';
  if (depth >= MAX_DEPTH) return '"…"';
  if (Array.isArray(value)) return `[${value.map((item: unknown) => canonical(item, depth + 1)).join(',')}]`;
  // By hand, for this runs once a call: entries, filters and joins cost as much as the HMAC itself.
  let text = '';
  for (const name of Object.keys(value).sort()) {
    const item: unknown = Reflect.get(value, name);
    if (item !== undefined) text += `${text === '' ? '{' : ','}${JSON.stringify(name)}:${canonical(item, depth + 1)}`;
  }
  return text === '' ? '{}' : `${text}}`;
}

/** A number too long for JavaScript (protocol/exact-number.ts): it has no members to be told by. JSON brings no functions. */
const writesItself = (value: object): boolean => 'toJSON' in value && typeof value.toJSON === 'function';
