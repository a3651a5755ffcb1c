/** What an upstream asks of us while it serves: answered as JSON-RPC text, whatever happens. */

import { INTERNAL_ERROR, INVALID_PARAMS, METHOD_NOT_FOUND } from '../../protocol/error-codes.ts';
import { exactJson, TooManyExactNumbersError } from '../../protocol/exact-number.ts';
import { errorText, resultText } from '../../protocol/json-rpc.ts';
import { LISTEN, PING, PROMPTS_LIST, RESOURCES_LIST, TEMPLATES_LIST, TOOLS_LIST } from '../../protocol/methods.ts';
import type { GivenUpCalls } from './given-up-calls.ts';
import type { RequestHandler } from './link.ts';
import { UpstreamAnswerError } from './link-errors.ts';
import type { RequestParams, WireId } from './read-message.ts';

export interface ServerRequest {
  readonly id: WireId;
  readonly method: string;
  readonly params: RequestParams;
}

/** @param handler who may be asked; without one only `ping` is answered. */
export async function answerText(
  { id, method, params }: ServerRequest,
  handler: RequestHandler | undefined,
): Promise<string> {
  if (method === PING) return resultText(id, '{}');
  if (handler === undefined) return errorText(id, METHOD_NOT_FOUND, 'Method not found');
  if (params === undefined) return errorText(id, INVALID_PARAMS, new TooManyExactNumbersError().message);
  try {
    return resultText(id, exactJson(await handler(method, params)));
  } catch (thrown) {
    if (thrown instanceof UpstreamAnswerError) return errorText(id, thrown.code, thrown.message, thrown.data);
    // Anything else is ours, and none of an upstream's business.
    return errorText(id, INTERNAL_ERROR, 'Internal error');
  }
}

/** Requests that no upstream asks a person about: every other one may be what a question is about. */
const NEVER_ASK: ReadonlySet<string> = new Set([
  PING,
  LISTEN,
  TOOLS_LIST,
  PROMPTS_LIST,
  RESOURCES_LIST,
  TEMPLATES_LIST,
]);

/** A request under way that may be asked about. */
interface Asked {
  readonly method: string;
  readonly caller: string | undefined;
  readonly onRequest: RequestHandler | undefined;
  holdWhile(question: Promise<unknown>): void;
}

/**
 * Who may be asked: the caller of all requests under way, through the latest that can, and their clocks stand still
 * while it is. Undefined when none can. While another caller's runs too, or was given up, nobody can say whose person
 * would be asked: the handler says so then.
 */
export function onlyHandler(running: Iterable<Asked>, givenUp: GivenUpCalls): RequestHandler | undefined {
  const asked: Asked[] = [];
  for (const request of running) {
    if (request.onRequest !== undefined || !NEVER_ASK.has(request.method)) asked.push(request);
  }
  const latest = asked.findLast(({ onRequest }) => onRequest !== undefined);
  const ask = latest?.onRequest;
  if (latest === undefined || ask === undefined) return undefined;
  if (givenUp.hasOthers(latest.caller) || asked.some((one) => !isSameCaller(one, latest))) return refuseInDoubt;
  return (method, params) => {
    const answer = ask(method, params);
    for (const request of asked) request.holdWhile(answer);
    return answer;
  };
}

function isSameCaller(one: Asked, other: Asked): boolean {
  if (one.caller !== undefined) return one.caller === other.caller;
  return other.caller === undefined && one.onRequest === other.onRequest;
}

/** Servers show such words to the model, which can act upon them; "Method not found" would say that it is no use. */
const refuseInDoubt: RequestHandler = async () => {
  throw new UpstreamAnswerError(
    INTERNAL_ERROR,
    'Nobody was asked: other calls run here, or ran and were given up, and this connection does not say which of them asks. Call again when no other runs.',
  );
};
