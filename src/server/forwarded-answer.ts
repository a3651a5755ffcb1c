import { type JsonText, type RequestId, resultText } from '../protocol/json-rpc.ts';
import type { Era } from '../protocol/revisions.ts';
import type { ForwardedOutcome, JsonObject } from '../tools/tool-source.ts';
import { closingMembers, forwardedResultText } from './forwarded-result.ts';
import type { ServerParts } from './server-parts.ts';
import { withoutSecrets } from './without-secrets.ts';

type Secrets = Pick<ServerParts, 'scrub' | 'holdsSecret'>;

const SPACE = 0x20;
const OPEN_OBJECT = 0x7b;

/**
 * The whole message that answers a call of a mounted tool, without secrets. A result that came as bytes goes out as the
 * very same bytes, unless a secret is found in the message.
 */
export function forwardedAnswer(
  id: RequestId,
  outcome: ForwardedOutcome,
  era: Era,
  serverInfo: JsonObject,
  secrets: Secrets,
): JsonText {
  const { forwarded } = outcome;
  if (typeof forwarded !== 'string') {
    const message = aroundBytes(resultText(id, ''), forwarded, closingMembers(outcome.servedBy, era, serverInfo));
    if (holdsNone(message, secrets)) return message;
  }
  return resultText(id, withoutSecrets(forwardedResultText(outcome, era, serverInfo), secrets.scrub));
}

/**
 * Secrets are searched for in the form of their bytes too, which is one character a byte (logging/redact.ts). A result that came
 * as bytes holds no Base64, which would have to be read for that.
 */
function holdsNone(message: Buffer, { scrub, holdsSecret }: Secrets): boolean {
  if (scrub === undefined) return true;
  if (holdsSecret !== undefined) return !holdsSecret(message);
  const bytes = message.toString('latin1');
  return scrub(bytes) === bytes;
}

/**
 * @param empty the message without its result, which stands before its last character
 * @param result an object that ends with its brace
 */
function aroundBytes(empty: string, result: Buffer, members: string): Buffer {
  const end = result.length - 1;
  const head = empty.slice(0, -1);
  const tail = `${isEmptyBefore(result, end) ? '' : ','}${members}}}`;
  // Names and ids may hold any character.
  const headLength = Buffer.byteLength(head);
  const message = Buffer.allocUnsafe(headLength + end + Buffer.byteLength(tail));
  message.write(head, 0);
  result.copy(message, headLength, 0, end);
  message.write(tail, headLength + end);
  return message;
}

/** Whether the object that ends there has no member. */
function isEmptyBefore(result: Buffer, end: number): boolean {
  let at = end - 1;
  while (result[at] === SPACE) at -= 1;
  return result[at] === OPEN_OBJECT;
}
