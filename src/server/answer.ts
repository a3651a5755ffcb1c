import type { ServerContext } from '@modelcontextprotocol/server';
import type { CallContext } from '../tools/tool-source.ts';
import { toProtocolError } from './rpc-errors.ts';
import { toCallContext } from './sdk-context.ts';
import type { RequestOwner, ServerParts } from './server-parts.ts';
import { secretless } from './without-secrets.ts';

/** What a handler answers, without secrets; its failures as JSON-RPC errors that the client may see. */
export async function answer<T>(
  context: ServerContext,
  parts: ServerParts,
  owner: RequestOwner,
  run: (call: CallContext) => Promise<T>,
): Promise<T> {
  const call = toCallContext(context, owner, parts.scrub);
  try {
    return secretless(await run(call), parts.scrub);
  } catch (error) {
    throw toProtocolError(error, call.requestId, parts);
  }
}
