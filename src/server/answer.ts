import type { ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { Fields } from '../protocol/json-rpc.ts';
import type { CallContext } from '../tools/tool-source.ts';
import { toProtocolError } from './rpc-errors.ts';
import { toCallContext } from './sdk-context.ts';
import type { RequestOwner, ServerParts } from './server-parts.ts';
import { secretless } from './without-secrets.ts';

/** Results that are made and checked elsewhere: the SDK takes them for what they are said to be. */
export const anyResult = z.record(z.string(), z.unknown());

/** What a handler answers, without secrets; its failures as JSON-RPC errors that the client may see. */
export async function answer(
  context: ServerContext,
  parts: ServerParts,
  owner: RequestOwner,
  run: (call: CallContext) => Promise<Fields>,
): Promise<Fields> {
  const call = toCallContext(context, owner, parts.scrub);
  try {
    return secretless(await run(call), parts.scrub);
  } catch (error) {
    throw toProtocolError(error, call.requestId, parts);
  }
}
