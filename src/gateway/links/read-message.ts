import { isDeeperThan } from '../../json-depth.ts';
import { TooManyExactNumbersError, withExactNumbers } from '../../protocol/exact-number.ts';
import { isFields } from '../../protocol/json-rpc.ts';
import { LOG_MESSAGE } from '../../protocol/methods.ts';
import { jsonItems, jsonMembers } from '../json-members.ts';
import { isPlainResult } from '../trust/plain-result.ts';
import type { JsonObject } from './link.ts';
import { BROKEN } from './utf8.ts';

export type WireId = string | number;

/** Undefined when they hold more exact numbers than are kept. */
export type RequestParams = JsonObject | undefined;

export type WireMessage =
  | { readonly kind: 'result'; readonly id: WireId; readonly text: string }
  | {
      readonly kind: 'error';
      readonly id: WireId | undefined;
      readonly code: number;
      readonly message: string;
      readonly data?: unknown;
    }
  /** An answer, by its id, that is neither a result nor an error. */
  | { readonly kind: 'malformed'; readonly id: WireId }
  | { readonly kind: 'request'; readonly id: WireId; readonly method: string; readonly params: RequestParams }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject };

/** What is deeper can be read by hardly anybody: most programs write and read JSON by recursion. */
export const MAX_LEVELS = 200;

/**
 * The messages of one JSON text (a batch of 2025-03-26 may hold several); none when it is not JSON, or says nothing about whom
 * it answers. The text of a
 * result is proven JSON: an upstream that smuggles a half-open object into ours would write our next message for us. Of a
 * text that is not all UTF-8 no more is told than whom it answers: what it says nobody knows.
 */
export function readMessages(text: string): WireMessage[] {
  const messages = readText(text);
  return text.includes(BROKEN) ? messages.flatMap(onlyWhom) : messages;
}

function onlyWhom(message: WireMessage): WireMessage[] {
  if (message.kind === 'request' || message.kind === 'notification' || message.id === undefined) return [];
  return [{ kind: 'malformed', id: message.id }];
}

function readText(text: string): WireMessage[] {
  const usual = readUsualResult(text);
  if (usual !== undefined) return [usual];
  if (!mayBeMessage(text)) return [];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  // A result is judged by whoever asked for it: a list of tools is good without the one that is too deep.
  if (isDeeperThan(text, MAX_LEVELS + 1) && !(isFields(value) && 'result' in value))
    return (Array.isArray(value) ? value : [value]).flatMap(unreadable);
  if (!Array.isArray(value)) return asMessage(text, value);
  const texts = jsonItems(text);
  return value.flatMap((item: unknown, at) => asMessage(texts[at] ?? '', item));
}

/** At a glance, because a parser that throws takes a hundred times as long. */
function mayBeMessage(text: string): boolean {
  const trimmed = text.trim();
  return (trimmed.startsWith('{') && trimmed.endsWith('}')) || (trimmed.startsWith('[') && trimmed.endsWith(']'));
}

/** As nearly every server writes it: ours and most put the id first, the TypeScript SDK puts the result first. */
const ID_FIRST = /^\{"jsonrpc":"2\.0","id":(\d{1,15}),"result":/;
const RESULT_FIRST = '{"result":';
const ID_LAST = /,"jsonrpc":"2\.0","id":(\d{1,15})\}$/;
const LONGEST_EDGE = 48;

interface Surroundings {
  readonly id: number;
  readonly start: number;
  readonly end: number;
}

/** Where the result stands in a message of this length whose surroundings are exactly one of the two usual ones. */
function surroundings(head: string, tail: string, length: number): Surroundings | undefined {
  const first = ID_FIRST.exec(head);
  if (first !== null) {
    return tail.endsWith('}') ? { id: Number(first[1]), start: first[0].length, end: length - 1 } : undefined;
  }
  const last = head.startsWith(RESULT_FIRST) ? ID_LAST.exec(tail) : null;
  if (last === null) return undefined;
  return { id: Number(last[1]), start: RESULT_FIRST.length, end: length - last[0].length };
}

/** That the piece is one JSON value, and not a value and more members, is proven by parsing that piece alone. */
function readUsualResult(text: string): WireMessage | undefined {
  const found = surroundings(text.slice(0, LONGEST_EDGE), text.slice(-LONGEST_EDGE), text.length);
  return found === undefined ? undefined : resultOf(text.slice(found.start, found.end), found.id);
}

export interface PlainResult {
  readonly id: number;
  /** Of the message that it came with, not a copy. */
  readonly result: Buffer;
}

/** A message as it came that holds a result which nothing needs to be done to; undefined when it has to be read as text. */
export function readPlainResult(message: Buffer): PlainResult | undefined {
  const length = lengthWithoutBreak(message);
  const head = message.toString('latin1', 0, Math.min(length, LONGEST_EDGE));
  const tail = message.toString('latin1', Math.max(0, length - LONGEST_EDGE), length);
  const found = surroundings(head, tail, length);
  if (found === undefined || !isPlainResult(message, found.start, found.end)) return undefined;
  return { id: found.id, result: message.subarray(found.start, found.end) };
}

/** The same of a message that came as an event: making bytes of it again still costs less than reading it as text. */
export function readPlainEvent(data: string): PlainResult | undefined {
  const found = surroundings(data.slice(0, LONGEST_EDGE), data.slice(-LONGEST_EDGE), data.length);
  if (found === undefined) return undefined;
  const result = Buffer.from(data.slice(found.start, found.end));
  return isPlainResult(result, 0, result.length) ? { id: found.id, result } : undefined;
}

/** Some servers end their messages with a line break. */
function lengthWithoutBreak(message: Buffer): number {
  let { length } = message;
  while (message[length - 1] === 0x0a || message[length - 1] === 0x0d) length -= 1;
  return length;
}

function resultOf(result: string, id: number): WireMessage | undefined {
  if (!result.startsWith('{') || !isJson(result)) return undefined;
  return { kind: 'result', id, text: onOneLine(result) };
}

/** A line break in JSON stands between its parts, never in a string; on our wires it would end the message. */
function onOneLine(json: string): string {
  return json.includes('\n') || json.includes('\r') ? json.replace(/[\r\n]+/g, ' ') : json;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function asMessage(text: string, value: unknown): WireMessage[] {
  if (!isFields(value)) return [];
  const { id, method, error } = value;
  const malformed: WireMessage[] = isWireId(id) && method === undefined ? [{ kind: 'malformed', id }] : [];
  if (value['jsonrpc'] !== '2.0') return malformed;
  if (typeof method === 'string') {
    if (isWireId(id)) return [{ kind: 'request', id, method, params: exactParams(text, value) }];
    if (id !== undefined) return [];
    return method === LOG_MESSAGE
      ? logMessage(text, value)
      : [{ kind: 'notification', method, params: paramsOf(value) }];
  }
  if (isFields(error)) {
    const { code, message, data } = error;
    if (typeof code !== 'number') return malformed;
    return [{ kind: 'error', id: isWireId(id) ? id : undefined, code, message: String(message ?? ''), data }];
  }
  if (!isWireId(id)) return [];
  const members = jsonMembers(text) ?? [];
  // Two results under one id: whoever looked at the first would not see what the client sees.
  const results = members.filter(({ key }) => key === 'result');
  const [only] = results;
  if (only === undefined || results.length > 1 || !isFields(value['result'])) return malformed;
  return [{ kind: 'result', id, text: onOneLine(text.slice(only.start, only.end)) }];
}

/** None when its numbers are more than are kept: what it says is any value, and nobody may take another for it. */
function logMessage(text: string, value: unknown): WireMessage[] {
  const params = exactParams(text, value);
  return params === undefined ? [] : [{ kind: 'notification', method: LOG_MESSAGE, params }];
}

function exactParams(text: string, value: unknown): RequestParams {
  try {
    return paramsOf(withExactNumbers(text, value, 0));
  } catch (thrown) {
    if (thrown instanceof TooManyExactNumbersError) return undefined;
    throw thrown;
  }
}

function paramsOf(message: unknown): JsonObject {
  return isFields(message) && isFields(message['params']) ? message['params'] : {};
}

/** All that is told of a message that cannot be read: whom it answers. */
function unreadable(value: unknown): WireMessage[] {
  if (!isFields(value)) return [];
  const { id, method } = value;
  return isWireId(id) && method === undefined ? [{ kind: 'malformed', id }] : [];
}

function isWireId(id: unknown): id is WireId {
  return typeof id === 'string' || typeof id === 'number';
}
