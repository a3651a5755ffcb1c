import type { Random } from '../../src/simulator/random.ts';

export interface FuzzInput {
  readonly headers: Record<string, string>;
  readonly body: Buffer;
}

/** Values that have broken somebody's server. */
const junk: readonly string[] = [
  'null',
  'true',
  '0',
  '-1',
  '1e400',
  '9007199254740993',
  '0.1',
  '""',
  '"__proto__"',
  '"constructor"',
  '"toString"',
  '"\\ud800"',
  '"\\u0000"',
  '"\\u2028"',
  '"../../etc/passwd"',
  '[]',
  '{}',
  '[[]]',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{}}}',
  '{"toString":1}',
];
const keys = ['__proto__', 'constructor', 'Method', 'method', 'id', 'name', 'arguments', 'params', '_meta', 'x', ''];
const headerNames = ['mcp-method', 'mcp-name', 'mcp-protocol-version', 'mcp-session-id', 'content-type', 'accept'];
const headerValues = [
  '',
  'x',
  '2026-07-28',
  '1999-01-01',
  'application/json',
  '*/*',
  '=?base64?x?=',
  '__proto__',
  '\xff',
];

/** One message with one thing wrong, or nothing: the seed decides what. */
export function mutate(random: Random, message: object, headers: Readonly<Record<string, string>>): FuzzInput {
  const text = JSON.stringify(message);
  const plain = { headers: { ...headers }, body: Buffer.from(text) };
  switch (random.int(0, 7)) {
    case 0:
      return { ...plain, body: mutateBytes(random, plain.body) };
    case 1:
      return { ...plain, headers: mutateHeaders(random, headers) };
    case 2:
      return { ...plain, body: Buffer.from(random.chance(0.5) ? `[${text}]` : `[${text},${text}]`) };
    case 3:
      return { ...plain, body: Buffer.from(random.pick(junk)) };
    default:
      return { ...plain, body: Buffer.from(mutateTree(random, text)) };
  }
}

function mutateBytes(random: Random, body: Buffer): Buffer {
  const at = random.int(0, body.length - 1);
  const byte = Buffer.from([random.int(0, 255)]);
  const rest = body.subarray(at + random.int(0, 1));
  return random.chance(0.2) ? body.subarray(0, at) : Buffer.concat([body.subarray(0, at), byte, rest]);
}

function mutateHeaders(random: Random, headers: Readonly<Record<string, string>>): Record<string, string> {
  const changed = { ...headers };
  const name = random.pick(headerNames);
  if (random.chance(0.5)) delete changed[name];
  else changed[name] = random.pick(headerValues);
  return changed;
}

/** A value replaced, a member taken out, or one put in, somewhere in the tree. */
function mutateTree(random: Random, text: string): string {
  const members = [...text.matchAll(/"(?:[^"\\]|\\.)*":/g)];
  const member = random.pick(members);
  const start = member.index + member[0].length;
  const end = endOfValue(text, start);
  const choice = random.int(0, 3);
  if (choice === 0) return `${text.slice(0, start)}${random.pick(junk)}${text.slice(end)}`;
  if (choice === 1) {
    const comma = text[end] === ',' ? 1 : 0;
    const before = comma === 0 && text[member.index - 1] === ',' ? 1 : 0;
    return text.slice(0, member.index - before) + text.slice(end + comma);
  }
  const added = `${JSON.stringify(random.pick(keys))}:${random.pick(junk)},`;
  return text.slice(0, member.index) + added + text.slice(member.index);
}

function endOfValue(text: string, start: number): number {
  for (let end = start + 1; end <= text.length; end += 1) {
    try {
      JSON.parse(text.slice(start, end));
      if (!/[\d.eE+-]/.test(text[end] ?? '') || !/^-?\d/.test(text.slice(start, end))) return end;
    } catch {
      // Not whole yet.
    }
  }
  return text.length;
}
