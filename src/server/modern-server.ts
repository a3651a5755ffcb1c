import { Server, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server';
import { installHandlers, serverIdentity, serverOptions } from './create-server.ts';
import type { RequestOwner, ServerParts } from './server-parts.ts';

/** The revision without sessions; the SDK keeps its own list of such revisions to itself. */
export const MODERN_REVISION = '2026-07-28';

/**
 * One Server for all requests of 2026-07-28, whoever sends them. That revision has no connection state, so nothing is
 * kept between requests; the SDK's own entry builds a server for each (815 µs a call). The SDK marks its instances
 * modern through a channel it does not export, and leaves the field it writes protected: hence the subclass.
 */
export class ModernServer extends Server {
  constructor(parts: ServerParts, owner: RequestOwner) {
    super(serverIdentity(parts.catalog), {
      ...serverOptions(parts),
      supportedProtocolVersions: [...SUPPORTED_PROTOCOL_VERSIONS, MODERN_REVISION],
    });
    this._negotiatedProtocolVersion = MODERN_REVISION;
    installHandlers(this, parts, owner);
  }
}
