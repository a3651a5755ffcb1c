import { ProtocolError, type Server } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { INVALID_PARAMS } from '../protocol/error-codes.ts';
import {
  COMPLETE,
  PROMPTS_GET,
  PROMPTS_LIST,
  RESOURCES_LIST,
  RESOURCES_READ,
  RESOURCES_SUBSCRIBE,
  RESOURCES_UNSUBSCRIBE,
  TEMPLATES_LIST,
} from '../protocol/methods.ts';
import { parseFields } from '../protocol/parse-fields.ts';
import { answer, anyResult } from './answer.ts';
import { listParams } from './list-params.ts';
import { toResourceError } from './rpc-errors.ts';
import { toAskingContext, toCallContext } from './sdk-context.ts';
import type { RequestOwner, ServerParts } from './server-parts.ts';
import { secretless, withoutSecrets } from './without-secrets.ts';

/** A connection remembers this many resources; each is a string the client chose. */
const MAX_SUBSCRIPTIONS = 1_000;

const uriParams = z.object({ uri: z.string() });
const promptParams = z.object({ name: z.string(), arguments: z.record(z.string(), z.string()).default({}) });
const completeParams = z.object({
  ref: z.discriminatedUnion('type', [
    z.object({ type: z.literal('ref/prompt'), name: z.string() }),
    z.object({ type: z.literal('ref/resource'), uri: z.string() }),
  ]),
  argument: z.object({ name: z.string(), value: z.string() }),
  context: z.object({ arguments: z.record(z.string(), z.string()).optional() }).optional(),
});

/** Resources, prompts and completion (server/resources, server/prompts, server/utilities/completion). */
export function installCatalogHandlers(server: Server, parts: ServerParts, owner: RequestOwner): void {
  const { catalog, interactive } = parts;
  installResourceHandlers(server, parts, owner);

  server.setRequestHandler(PROMPTS_LIST, { params: listParams, result: anyResult }, (_params, context) =>
    answer(context, parts, owner, async (call) => ({ prompts: catalog.prompts.list(call) })),
  );
  server.setRequestHandler(
    PROMPTS_GET,
    { params: promptParams, result: anyResult },
    ({ name, arguments: args }, context) => {
      const asked = interactive?.getPrompt?.(name, toAskingContext(context));
      return (
        asked ??
        answer(context, parts, owner, async (call) => {
          const reading = await catalog.prompts.get(name, args, call);
          return 'inputRequired' in reading ? parseFields(reading.inputRequired) : { ...reading };
        })
      );
    },
  );
  server.setRequestHandler(COMPLETE, { params: completeParams, result: anyResult }, (request, context) =>
    answer(context, parts, owner, async (call) => ({ completion: await catalog.complete(request, call) })),
  );
}

function installResourceHandlers(server: Server, parts: ServerParts, owner: RequestOwner): void {
  const { scrub, catalog } = parts;
  const { resources } = catalog;
  server.setRequestHandler(RESOURCES_LIST, { params: listParams, result: anyResult }, (_params, context) =>
    answer(context, parts, owner, async (call) => ({ resources: resources.list(call) })),
  );
  server.setRequestHandler(TEMPLATES_LIST, { params: listParams, result: anyResult }, (_params, context) =>
    answer(context, parts, owner, async (call) => ({ resourceTemplates: resources.templates(call) })),
  );
  server.setRequestHandler(RESOURCES_READ, { params: uriParams, result: anyResult }, async ({ uri }, context) => {
    const call = toCallContext(context, owner, parts.scrub);
    try {
      const reading = await resources.read(uri, call);
      if ('inputRequired' in reading) return parseFields(withoutSecrets(reading.inputRequired, scrub));
      return secretless({ ...reading }, scrub);
    } catch (error) {
      throw toResourceError(error, uri, call.requestId, parts);
    }
  });

  const { subscriptions } = owner;
  if (subscriptions === undefined) return;
  server.setRequestHandler(RESOURCES_SUBSCRIBE, { params: uriParams }, async ({ uri }, context) => {
    if (subscriptions.size >= MAX_SUBSCRIPTIONS) throw new ProtocolError(INVALID_PARAMS, 'Too many subscriptions');
    const call = toCallContext(context, owner, parts.scrub);
    try {
      await subscriptions.add(uri, async () => resources.watch?.(uri, call));
    } catch (error) {
      throw toResourceError(error, uri, call.requestId, parts);
    }
    return {};
  });
  server.setRequestHandler(RESOURCES_UNSUBSCRIBE, { params: uriParams }, ({ uri }) => {
    subscriptions.remove(uri);
    return {};
  });
}
