import { stringEnd } from '../../json-tokens.ts';

/** A level more moves nothing further: what is nested without end would become all spaces. */
const MOST_LEVELS = 30;
const SPACE = /\s/;
const SCALAR = /[\w.+-]+/y;

/**
 * The JSON with a line for each member and item. Nothing of it is parsed but its strings, one by one: numbers keep all their
 * digits and names that are there twice stay.
 *
 * @param json valid JSON
 */
export function indentedJson(json: string): string {
  const parts: string[] = [];
  let depth = 0;
  const newLine = (): string => `\n${'  '.repeat(Math.min(depth, MOST_LEVELS))}`;
  for (let at = 0; at < json.length; ) {
    const char = json.charAt(at);
    const end = tokenEnd(json, at);
    if (char === '{' || char === '[') {
      depth += 1;
      parts.push(char, newLine());
    } else if (char === '}' || char === ']') {
      depth -= 1;
      // The line that was begun for a first member, and there is none.
      const before = parts.at(-2);
      if (before === '{' || before === '[') parts.splice(-2, 2, before + char);
      else parts.push(newLine(), char);
    } else if (char === ',') parts.push(char, newLine());
    else if (char === ':') parts.push(': ');
    else if (!SPACE.test(char)) parts.push(readable(json.slice(at, end)));
    at = end;
  }
  return parts.join('');
}

function tokenEnd(json: string, at: number): number {
  if (json.charAt(at) === '"') return stringEnd(json, at);
  SCALAR.lastIndex = at;
  return at + (SCALAR.exec(json)?.[0].length ?? 1);
}

/** Many servers write all but ASCII as `\uXXXX`, which nobody reads. */
const readable = (literal: string): string => (literal.includes('\\') ? JSON.stringify(JSON.parse(literal)) : literal);
