/** What an upstream asks of us while it serves: answered as JSON-RPC text, whatever happens. */

import { INTERNAL_ERROR, METHOD_NOT_FOUND } from '../../protocol/error-codes.ts';
import { errorText, resultText } from '../../protocol/json-rpc.ts';
import { PING } from '../../protocol/methods.ts';
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
    return resultText(id, JSON.stringify(await handler(method, params)));
  } catch (thrown) {
    if (thrown instanceof UpstreamAnswerError) return errorText(id, thrown.code, thrown.message, thrown.data);
    // Anything else is ours, and none of an upstream's business.
    return errorText(id, INTERNAL_ERROR, 'Internal error');
  }
}

/**
 * The one handler all running requests agree on; undefined when there is none or more than one, for then nobody can
 * say whose person would be asked.
 */
export function onlyHandler(
  running: Iterable<{ readonly onRequest: RequestHandler | undefined }>,
): RequestHandler | undefined {
  let only: RequestHandler | undefined;
  for (const { onRequest } of running) {
    if (onRequest === undefined || onRequest === only) continue;
    if (only !== undefined) return undefined;
    only = onRequest;
  }
  return only;
}
