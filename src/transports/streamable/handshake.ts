import { type InitializeRequest, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server';
import { CAPABILITIES } from '../../server/capabilities.ts';
import type { Catalog } from '../../server/catalog.ts';
import { serverIdentity } from '../../server/create-server.ts';
import type { RequestId } from '../../server/json-rpc.ts';

/** An `initialize` request, checked. */
export interface Handshake {
  readonly jsonrpc: '2.0';
  readonly id: RequestId;
  readonly method: 'initialize';
  readonly params: InitializeRequest['params'];
}

/** The revision both sides will speak: the client's when we know it, else our newest (lifecycle, "Version Negotiation"). */
export function negotiate(requested: string): string {
  const [newest = requested] = SUPPORTED_PROTOCOL_VERSIONS;
  return SUPPORTED_PROTOCOL_VERSIONS.includes(requested) ? requested : newest;
}

/** The same result the SDK's Server gives; a session makes that server only when something needs it. */
export function initializeResult(catalog: Catalog, protocolVersion: string): string {
  return JSON.stringify({
    protocolVersion,
    capabilities: CAPABILITIES,
    serverInfo: serverIdentity(catalog),
    ...(catalog.instructions === '' ? {} : { instructions: catalog.instructions }),
  });
}
