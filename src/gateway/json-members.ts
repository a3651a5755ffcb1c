import { stringEnd } from '../json-tokens.ts';

/**
 * Where the members of a JSON object stand in its text. Only for text that `JSON.parse` has accepted: it looks at quotes
 * and brackets and believes the rest.
 */
export interface Member {
  readonly key: string;
  readonly start: number;
  readonly end: number;
}

const QUOTE = 0x22;

/** The members in order, repeated keys included; undefined when the text is not an object. */
export function jsonMembers(text: string): Member[] | undefined {
  let at = skipSpace(text, 0);
  if (text[at] !== '{') return undefined;
  const members: Member[] = [];
  at = skipSpace(text, at + 1);
  while (text[at] === '"') {
    const keyEnd = stringEnd(text, at);
    const key: unknown = JSON.parse(text.slice(at, keyEnd));
    const start = skipSpace(text, skipSpace(text, keyEnd) + 1);
    const end = valueEnd(text, start);
    members.push({ key: String(key), start, end });
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return members;
}

/** The texts of what a JSON list holds; none when the text is not a list. */
export function jsonItems(text: string): string[] {
  let at = skipSpace(text, 0);
  if (text[at] !== '[') return [];
  const items: string[] = [];
  at = skipSpace(text, at + 1);
  while (at < text.length && text[at] !== ']') {
    const end = valueEnd(text, at);
    items.push(text.slice(at, end));
    at = skipSpace(text, end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return items;
}

function valueEnd(text: string, start: number): number {
  const first = text[start];
  if (first === '"') return stringEnd(text, start);
  if (first !== '{' && first !== '[') return scalarEnd(text, start);
  let depth = 0;
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) at = stringEnd(text, at) - 1;
    else if (code === 0x7b || code === 0x5b) depth += 1;
    else if (code === 0x7d || code === 0x5d) {
      depth -= 1;
      if (depth === 0) return at + 1;
    }
  }
  return text.length;
}

const SCALAR = /[^\s,\]}]*/y;

function scalarEnd(text: string, start: number): number {
  SCALAR.lastIndex = start;
  return start + (SCALAR.exec(text)?.[0].length ?? 0);
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}
