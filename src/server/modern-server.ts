import { Server } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { DISCOVER } from '../protocol/methods.ts';
import { LEGACY_REVISIONS, MODERN_REVISION } from '../protocol/revisions.ts';
import { answer, anyResult } from './answer.ts';
import { CAPABILITIES } from './capabilities.ts';
import { installHandlers, serverOptions } from './create-server.ts';
import { serverIdentity } from './identity.ts';
import type { RequestOwner, ServerParts } from './server-parts.ts';

/** Nothing is asked but the envelope, which is judged before. */
const discoverParams = z.object({});

/**
 * One Server for all requests of 2026-07-28, whoever sends them. That revision has no connection state, so nothing is
 * kept between requests; the SDK's own entry builds a server for each (815 µs a call). The SDK marks its instances
 * modern through a channel it does not export, and leaves the field it writes protected: hence the subclass.
 */
export class ModernServer extends Server {
  constructor(parts: ServerParts, owner: RequestOwner) {
    super(serverIdentity(parts.catalog), {
      ...serverOptions(parts),
      supportedProtocolVersions: [...LEGACY_REVISIONS, MODERN_REVISION],
    });
    this._negotiatedProtocolVersion = MODERN_REVISION;
    installHandlers(this, parts, owner);
    // The SDK's own says the same to everybody; ours speaks of the domains that this caller may use.
    this.setRequestHandler(DISCOVER, { params: discoverParams, result: anyResult }, (_params, context) =>
      answer(context, parts, owner, async (call) => {
        const instructions = parts.catalog.instructions(call);
        return {
          supportedVersions: [MODERN_REVISION],
          capabilities: CAPABILITIES,
          ...(instructions === '' ? {} : { instructions }),
        };
      }),
    );
  }
}
