import { isFields } from '../../protocol/json-rpc.ts';
import { jsonMembers } from '../json-members.ts';
import type { JsonObject } from './link.ts';

export type WireId = string | number;

export type WireMessage =
  | { readonly kind: 'result'; readonly id: WireId; readonly text: string }
  | {
      readonly kind: 'error';
      readonly id: WireId | undefined;
      readonly code: number;
      readonly message: string;
      readonly data?: unknown;
    }
  | { readonly kind: 'request'; readonly id: WireId; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject };

/**
 * The messages of one JSON text (a batch of 2025-03-26 may hold several); none when it is not JSON-RPC. The text of a
 * result is proven JSON: an upstream that smuggles a half-open object into ours would write our next message for us.
 */
export function readMessages(text: string): WireMessage[] {
  const plain = readPlainResult(text);
  if (plain !== undefined) return [plain];
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  if (!Array.isArray(value)) return asMessage(text, value);
  return value.flatMap((item: unknown) => asMessage(JSON.stringify(item), item));
}

/** As nearly every server writes it: ours and most put the id first, the TypeScript SDK puts the result first. */
const ID_FIRST = /^\{"jsonrpc":"2\.0","id":(\d{1,15}),"result":/;
const RESULT_FIRST = '{"result":';
const ID_LAST = /,"jsonrpc":"2\.0","id":(\d{1,15})\}$/;
const LONGEST_TAIL = 48;

/**
 * A result whose surroundings are exactly one of the two usual ones. That the piece between them is one JSON value, and
 * not a value and more members, is proven by parsing that piece alone.
 */
function readPlainResult(text: string): WireMessage | undefined {
  const head = ID_FIRST.exec(text);
  if (head !== null) return resultOf(text.slice(head[0].length, -1), head[1], text.endsWith('}'));
  if (!text.startsWith(RESULT_FIRST)) return undefined;
  const tail = ID_LAST.exec(text.slice(-LONGEST_TAIL));
  if (tail === null) return undefined;
  return resultOf(text.slice(RESULT_FIRST.length, text.length - tail[0].length), tail[1], true);
}

function resultOf(result: string, id: string | undefined, closed: boolean): WireMessage | undefined {
  if (!closed || !result.startsWith('{') || !isJson(result)) return undefined;
  return { kind: 'result', id: Number(id), text: onOneLine(result) };
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
  if (!isFields(value) || value['jsonrpc'] !== '2.0') return [];
  const { id, method, error } = value;
  if (typeof method === 'string') {
    const params = isFields(value['params']) ? value['params'] : {};
    if (isWireId(id)) return [{ kind: 'request', id, method, params }];
    return id === undefined ? [{ kind: 'notification', method, params }] : [];
  }
  if (isFields(error)) {
    const { code, message, data } = error;
    if (typeof code !== 'number') return [];
    return [{ kind: 'error', id: isWireId(id) ? id : undefined, code, message: String(message ?? ''), data }];
  }
  if (!isWireId(id)) return [];
  const members = jsonMembers(text) ?? [];
  // Two results under one id: whoever looked at the first would not see what the client sees.
  const results = members.filter(({ key }) => key === 'result');
  const [only] = results;
  if (only === undefined || results.length > 1 || !isFields(value['result'])) return [];
  return [{ kind: 'result', id, text: onOneLine(text.slice(only.start, only.end)) }];
}

function isWireId(id: unknown): id is WireId {
  return typeof id === 'string' || typeof id === 'number';
}
