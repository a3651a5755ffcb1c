/** What an upstream asks of us while it serves: answered as JSON-RPC text, whatever happens. */

import { INTERNAL_ERROR, METHOD_NOT_FOUND } from '../../protocol/error-codes.ts';
import { exactJson } from '../../protocol/exact-number.ts';
import { errorText, resultText } from '../../protocol/json-rpc.ts';
import { LISTEN, PING, PROMPTS_LIST, RESOURCES_LIST, TEMPLATES_LIST, TOOLS_LIST } from '../../protocol/methods.ts';
import type { JsonObject, RequestHandler } from './link.ts';
import { UpstreamAnswerError } from './link-errors.ts';
import type { WireId } from './read-message.ts';

export interface ServerRequest {
  readonly id: WireId;
  readonly method: string;
  readonly params: JsonObject;
}

/** @param handler who may be asked; without one only `ping` is answered. */
export async function answerText(
  { id, method, params }: ServerRequest,
  handler: RequestHandler | undefined,
): Promise<string> {
  if (method === PING) return resultText(id, '{}');
  if (handler === undefined) return errorText(id, METHOD_NOT_FOUND, 'Method not found');
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
  readonly onRequest: RequestHandler | undefined;
  holdWhile(question: Promise<unknown>): void;
}

/**
 * The one handler all running requests agree on, and their clocks stand still while it is asked; undefined when there is
 * none, more than one, or a request whose caller cannot be asked: then nobody can say whose person would be asked.
 */
export function onlyHandler(running: Iterable<Asked>): RequestHandler | undefined {
  const asked: Asked[] = [];
  let only: RequestHandler | undefined;
  for (const request of running) {
    const { method, onRequest } = request;
    if (onRequest === undefined) {
      if (NEVER_ASK.has(method)) continue;
      return undefined;
    }
    if (only !== undefined && onRequest !== only) return undefined;
    only = onRequest;
    asked.push(request);
  }
  if (only === undefined) return undefined;
  const handler = only;
  return (method, params) => {
    const answer = handler(method, params);
    for (const request of asked) request.holdWhile(answer);
    return answer;
  };
}
