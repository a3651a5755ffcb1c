/** Progress tokens that no double holds, past the SDK's schemas: a text of ours on the way in, the number again on the way out. */
import { randomUUID } from 'node:crypto';
import { ExactNumber } from '../protocol/exact-number.ts';
import { type Fields, isFields } from '../protocol/json-rpc.ts';

/** Nobody else can write it. */
const MARK = randomUUID();
const CARRIED = new RegExp(`"${MARK}([^"]*)"`, 'g');

export function withCarriedToken(message: Fields): Fields {
  const { params } = message;
  const meta = isFields(params) ? params['_meta'] : undefined;
  if (!isFields(params) || !isFields(meta) || !(meta['progressToken'] instanceof ExactNumber)) return message;
  return { ...message, params: { ...params, _meta: { ...meta, progressToken: `${MARK}${meta['progressToken']}` } } };
}

export function withOwnToken(text: string): string {
  return text.includes(MARK) ? text.replace(CARRIED, '$1') : text;
}
