import { ProtocolError, type Server, type ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import type { CallContext } from '../tools/tool-source.ts';
import type { Catalog } from './catalog.ts';
import { INVALID_PARAMS } from './json-rpc.ts';
import { listParams } from './list-params.ts';
import { toProtocolError, toResourceError } from './rpc-errors.ts';
import { toCallContext } from './sdk-context.ts';
import type { RequestOwner, ServerParts } from './server-parts.ts';

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
});

/** Resources, prompts and completion (server/resources, server/prompts, server/utilities/completion). */
export function installCatalogHandlers(
  server: Server,
  { catalog, interactive }: ServerParts,
  owner: RequestOwner,
): void {
  installResourceHandlers(server, catalog, owner);

  server.setRequestHandler('prompts/list', { params: listParams }, (_params, context) => ({
    prompts: catalog.prompts.list(owner.principalOf(context)),
  }));
  server.setRequestHandler('prompts/get', { params: promptParams }, ({ name, arguments: args }, context) => {
    const asked = interactive?.getPrompt?.(name, context);
    return asked ?? answer(context, owner, async (call) => ({ ...(await catalog.prompts.get(name, args, call)) }));
  });
  server.setRequestHandler('completion/complete', { params: completeParams }, (request, context) =>
    answer(context, owner, async ({ principal }) => ({ completion: catalog.complete(request, principal) })),
  );
}

function installResourceHandlers(server: Server, { resources }: Catalog, owner: RequestOwner): void {
  server.setRequestHandler('resources/list', { params: listParams }, (_params, context) => ({
    resources: resources.list(owner.principalOf(context)),
  }));
  server.setRequestHandler('resources/templates/list', { params: listParams }, (_params, context) => ({
    resourceTemplates: resources.templates(owner.principalOf(context)),
  }));
  server.setRequestHandler('resources/read', { params: uriParams }, async ({ uri }, context) => {
    const call = toCallContext(context, owner.principalOf(context));
    try {
      return { contents: await resources.read(uri, call) };
    } catch (error) {
      throw toResourceError(error, uri, call.requestId);
    }
  });

  const { subscriptions } = owner;
  if (subscriptions === undefined) return;
  server.setRequestHandler('resources/subscribe', { params: uriParams }, ({ uri }) => {
    if (subscriptions.size >= MAX_SUBSCRIPTIONS) throw new ProtocolError(INVALID_PARAMS, 'Too many subscriptions');
    subscriptions.add(uri);
    return {};
  });
  server.setRequestHandler('resources/unsubscribe', { params: uriParams }, ({ uri }) => {
    subscriptions.delete(uri);
    return {};
  });
}

async function answer<T>(
  context: ServerContext,
  owner: RequestOwner,
  run: (call: CallContext) => Promise<T>,
): Promise<T> {
  const call = toCallContext(context, owner.principalOf(context));
  try {
    return await run(call);
  } catch (error) {
    throw toProtocolError(error, call.requestId);
  }
}
