import { INVALID_REQUEST } from '../protocol/error-codes.ts';
import { type Fields, isFields } from '../protocol/json-rpc.ts';
import { hasRepeatedKey } from '../server/json-keys.ts';
import type { Refusal } from './http-reply.ts';

/** Names that decide what a message does, as the specification writes them. */
const MEMBERS = new Set(['jsonrpc', 'id', 'method', 'params', 'result', 'error']);
const PARAMETERS = new Set(['name', 'arguments', '_meta', 'uri', 'cursor', 'ref', 'argument', 'level']);

export const AMBIGUOUS: Refusal = {
  status: 400,
  code: INVALID_REQUEST,
  message: 'Invalid Request: a key is given twice or in another case',
};

/**
 * Whether a body, a message or a batch, says one thing to us and another to a proxy: a key given twice at any depth, or
 * one that decides what the message does in another case (`Method`, `params.Name`), which parsers without regard to
 * case take for it.
 */
export function isAmbiguous(text: string, body: unknown): boolean {
  if (hasRepeatedKey(text, body)) return true;
  return Array.isArray(body) ? body.some(hasVariants) : hasVariants(body);
}

function hasVariants(message: unknown): boolean {
  if (!isFields(message)) return false;
  const { params } = message;
  return hasVariantOf(MEMBERS, message) || (isFields(params) && hasVariantOf(PARAMETERS, params));
}

function hasVariantOf(names: ReadonlySet<string>, fields: Fields): boolean {
  for (const key of Object.keys(fields)) if (!names.has(key) && names.has(key.toLowerCase())) return true;
  return false;
}
