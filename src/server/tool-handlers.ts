import { ProtocolError, type Server } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { INVALID_PARAMS } from '../protocol/error-codes.ts';
import { TOOLS_CALL, TOOLS_LIST } from '../protocol/methods.ts';
import { answer, anyResult } from './answer.ts';
import { serverIdentity } from './identity.ts';
import { listParams } from './list-params.ts';
import { toCallToolResult } from './result.ts';
import { toProtocolError } from './rpc-errors.ts';
import { toAskingContext, toCallContext } from './sdk-context.ts';
import type { RequestOwner, ServerParts } from './server-parts.ts';
import { secretless } from './without-secrets.ts';

const callParams = z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()).default({}) });

/** `tools/list` and `tools/call` (server/tools) for what the fast lane declines: interactive tools, odd shapes. */
export function installToolHandlers(server: Server, parts: ServerParts, owner: RequestOwner): void {
  const { catalog, interactive } = parts;
  server.setRequestHandler(TOOLS_LIST, { params: listParams, result: anyResult }, (_params, context) =>
    answer(context, parts, owner, async (call) => ({ tools: catalog.tools.list(call) })),
  );

  server.setRequestHandler(
    TOOLS_CALL,
    { params: callParams, result: anyResult },
    async ({ name, arguments: args }, context) => {
      if (interactive?.has(name, owner.callerOf(context))) {
        return interactive.call(name, args, toAskingContext(context));
      }
      const callContext = toCallContext(context, owner, parts.scrub);
      try {
        const outcome = await catalog.tools.call(name, args, callContext);
        if (outcome.erro?.codigo === 'nao_encontrado' && !catalog.tools.has(name, callContext))
          throw new ProtocolError(INVALID_PARAMS, `Unknown tool: ${name}`, outcome.erro);
        if (outcome.rpc !== undefined && outcome.erro !== undefined) {
          const { code, data } = outcome.rpc;
          throw new ProtocolError(code, outcome.erro.mensagem, { ...secretless(data, parts.scrub), ...outcome.erro });
        }
        return toCallToolResult(outcome, serverIdentity(catalog), parts.scrub);
      } catch (error) {
        throw toProtocolError(error, callContext.requestId, parts);
      }
    },
  );
}
