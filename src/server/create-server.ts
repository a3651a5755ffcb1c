import { Server, type ServerOptions } from '@modelcontextprotocol/server';
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/server/validators/ajv';
import type { RequestId } from '../protocol/json-rpc.ts';
import type { Caller, Door } from '../tools/tool-source.ts';
import { CAPABILITIES } from './capabilities.ts';
import { installCatalogHandlers } from './catalog-handlers.ts';
import type { ClientFeatures } from './client-features.ts';
import { serverIdentity } from './identity.ts';
import type { RequestOwner, ServerParts } from './server-parts.ts';
import type { Subscriptions } from './subscriptions.ts';
import { installToolHandlers } from './tool-handlers.ts';

/** Shared, because each validator builds its own Ajv at first use (16 % of the CPU of stateless SDK servers). */
const sharedValidator = new AjvJsonSchemaValidator();

/**
 * The SDK's low-level Server over our catalog, for one connection of a revision with `initialize` (stdio, HTTP+SSE or
 * a Streamable HTTP session). Low-level because it keeps 8 KB a connection where an `McpServer` with a hundred tools
 * keeps 160, and because raw JSON Schemas pass through it.
 */
export function createMcpServer(
  parts: ServerParts,
  connection: {
    readonly caller: Caller;
    readonly door: Door;
    readonly subscriptions: Subscriptions;
    /** What its client can do while a request of it is served. */
    featuresFor(id: RequestId, signal: AbortSignal): ClientFeatures;
  },
): Server {
  const server = new Server(serverIdentity(parts.catalog), {
    ...serverOptions(parts),
    instructions: parts.catalog.instructions(connection.caller),
  });
  installHandlers(server, parts, {
    callerOf: () => connection.caller,
    doorOf: () => connection.door,
    featuresOf: ({ mcpReq: { id, signal } }) => connection.featuresFor(id, signal),
    subscriptions: connection.subscriptions,
  });
  return server;
}

export function installHandlers(server: Server, parts: ServerParts, owner: RequestOwner): void {
  installToolHandlers(server, parts, owner);
  installCatalogHandlers(server, parts, owner);
}

export function serverOptions({ interactive }: ServerParts): ServerOptions {
  const options: ServerOptions = {
    capabilities: CAPABILITIES,
    jsonSchemaValidator: sharedValidator,
  };
  if (interactive?.requestState !== undefined) options.requestState = interactive.requestState;
  return options;
}
