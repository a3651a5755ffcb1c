import { type Fields, isFields } from '../../server/json-rpc.ts';

const MEMBERS = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);
const QUOTE = 34;
const BACKSLASH = 92;

/**
 * Whether a message says one thing to us and another to a proxy: a member of JSON-RPC given twice, or also in another
 * case (`Method`), is read differently by different parsers. RFC 8259 §4 leaves duplicates undefined; we refuse them.
 */
export function isAmbiguous(text: string, message: Fields): boolean {
  let members = 0;
  for (const key of Object.keys(message)) {
    if (MEMBERS.has(key)) members += 1;
    else if (MEMBERS.has(key.toLowerCase())) return true;
  }
  return countTopLevelMembers(text) !== members;
}

/** How many members of JSON-RPC the text of an object holds at its top level. The text is known to be valid JSON. */
function countTopLevelMembers(text: string): number {
  let count = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (depth === 1 && isKey(text, end) && MEMBERS.has(unquote(text.slice(at, end + 1)))) count += 1;
      at = end;
    } else if (code === 123 || code === 91) depth += 1;
    else if (code === 125 || code === 93) depth -= 1;
  }
  return count;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (at < text.length && text.charCodeAt(at) !== QUOTE) at += text.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}

function isKey(text: string, end: number): boolean {
  let at = end + 1;
  while (text.charCodeAt(at) <= 32) at += 1;
  return text.charCodeAt(at) === 58;
}

/** Escapes in a key are rare, and only then is a parser asked. */
function unquote(quoted: string): string {
  if (!quoted.includes('\\')) return quoted.slice(1, -1);
  const value: unknown = JSON.parse(quoted);
  return typeof value === 'string' ? value : '';
}

/** A JSON-RPC message object at all: requests, notifications and responses share this much. */
export function isMessage(value: unknown): value is Fields {
  return isFields(value) && value['jsonrpc'] === '2.0';
}
