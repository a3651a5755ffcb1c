/** What a server says of an error of the protocol, as far as it is repeated to whoever asked. */
import { shorten } from '../../shorten.ts';
import { cleanText } from '../trust/clean-text.ts';

const MAX_WORDS = 500;
/** What is looked at: longer than what is repeated, for prefixes go first. */
const MAX_LOOKED_AT = 2_000;

/** The SDKs put `MCP error -32602:` before what is said, once for every hand it goes through; the code crosses as a code. */
const SDK_PREFIXES = /^\s*(?:MCP error -?\d{1,6}:\s*)+/;

/** Where V8, the JVM and Python begin to tell where in their program they are. */
const STACKS = [
  /(?:^|\s)at (?:[^\s()]{1,200} )?\(?[^\s():]*[/\\.:<][^\s()]*:\d+:\d+/,
  /(?:^|\s)at [\w.$<>]+\([\w.]+:\d+\)/,
  /Traceback \(most recent call/,
  /File "[^"]*", line \d/,
];

/** Its first line, without prefixes, invisible characters and what is left of a stack. */
export function ownWords(message: string): string {
  const said = cleanText(message.slice(0, MAX_LOOKED_AT)).replace(SDK_PREFIXES, '').trim();
  const [line = ''] = said.split(/[\r\n]/, 1);
  const ends = STACKS.map((stack) => line.search(stack)).filter((at) => at !== -1);
  const words = shorten(line.slice(0, Math.min(line.length, ...ends)).trim(), MAX_WORDS);
  return words === '' ? 'não disse por quê' : words;
}
