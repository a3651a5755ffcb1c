import { INVALID_REQUEST } from '../protocol/error-codes.ts';
import { MAX_EXACT_NUMBERS, TooManyExactNumbersError, withExactNumbers } from '../protocol/exact-number.ts';
import { echoableId, type RequestId } from '../protocol/json-rpc.ts';
import { AMBIGUOUS, isAmbiguous } from './ambiguous-message.ts';
import { type Refusal, UNPARSABLE } from './http-reply.ts';

/** What a text says, a message or a batch, or why it is not listened to. */
export type MessageText =
  | { readonly kind: 'message'; readonly message: unknown }
  | { readonly kind: 'refused'; readonly refusal: Refusal; readonly id: RequestId | null };

const TOO_MANY_EXACT: Refusal = {
  status: 400,
  code: INVALID_REQUEST,
  message: `Invalid Request: more than ${MAX_EXACT_NUMBERS} numbers have more digits than a double holds`,
};

/** The same at every door: one thing, said once, with all its digits. */
export function readMessageText(text: string): MessageText {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return { kind: 'refused', refusal: UNPARSABLE, id: null };
  }
  if (isAmbiguous(text, message)) return { kind: 'refused', refusal: AMBIGUOUS, id: echoableId(message) };
  try {
    return { kind: 'message', message: withExactNumbers(text, message) };
  } catch (thrown) {
    if (!(thrown instanceof TooManyExactNumbersError)) throw thrown;
    return { kind: 'refused', refusal: TOO_MANY_EXACT, id: echoableId(message) };
  }
}
