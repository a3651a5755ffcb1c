import { Parser } from 'yaml';

/** Our files need five levels. */
const MAX_DEPTH = 64;

/**
 * Whether a YAML text nests deeper than any file of ours. Asked before it is composed: the composer calls itself once a
 * level, and a text of a few kilobytes could take the whole process down by its stack. The parser and this walk do not.
 */
export function nestsTooDeep(text: string): boolean {
  const open: { readonly token: object; readonly depth: number }[] = [];
  for (const token of new Parser().parse(text)) open.push({ token, depth: 0 });
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { token, depth } = next;
    const isCollection = 'items' in token;
    if (isCollection && depth >= MAX_DEPTH) return true;
    for (const part of [...values(token, 'items'), ...values(token, 'value'), ...values(token, 'key')]) {
      open.push({ token: part, depth: isCollection ? depth + 1 : depth });
    }
  }
  return false;
}

/** The syntax-tree nodes under one name: a node, a list of them, or none. */
function values(token: object, name: string): object[] {
  const value: unknown = Object.hasOwn(token, name) ? Reflect.get(token, name) : undefined;
  const all: unknown[] = Array.isArray(value) ? value : [value];
  return all.filter((one) => typeof one === 'object' && one !== null);
}
