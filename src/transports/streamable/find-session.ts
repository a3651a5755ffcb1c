import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../../companies/principal.ts';
import { BAD_REQUEST } from '../../protocol/error-codes.ts';
import { PROTOCOL_VERSION_HEADER, SESSION_ID_HEADER } from '../../protocol/headers.ts';
import type { RequestId } from '../../protocol/json-rpc.ts';
import { LEGACY_REVISIONS } from '../../protocol/revisions.ts';
import { refuse } from '../http-reply.ts';
import { header } from '../request-headers.ts';
import type { SessionStore } from '../session-store.ts';
import { refuseUnknownSession } from '../unknown-session.ts';
import type { HttpSession } from './http-session.ts';

/** The principal's session that a request names, or undefined once it has been refused. */
export function findSession(
  req: IncomingMessage,
  res: ServerResponse,
  sessions: SessionStore<HttpSession>,
  principal: Principal,
  id: RequestId | null = null,
): HttpSession | undefined {
  const sessionId = header(req, SESSION_ID_HEADER);
  if (sessionId === undefined) {
    refuse(res, { status: 400, code: BAD_REQUEST, message: 'Bad Request: Mcp-Session-Id header is required' }, id);
    return undefined;
  }
  const session = sessions.find(sessionId, principal);
  if (session === undefined) {
    refuseUnknownSession(req, res, sessions.limitGuesses, id);
    return undefined;
  }
  return isVersionServed(req, res, id) ? session : undefined;
}

/** An unknown `MCP-Protocol-Version` is refused; none at all is taken for 2025-03-26 ("Protocol Version Header"). */
export function isVersionServed(req: IncomingMessage, res: ServerResponse, id: RequestId | null): boolean {
  const version = header(req, PROTOCOL_VERSION_HEADER);
  if (version === undefined || LEGACY_REVISIONS.includes(version)) return true;
  const supported = LEGACY_REVISIONS.join(', ');
  const message = `Bad Request: Unsupported protocol version: ${version} (supported versions: ${supported})`;
  refuse(res, { status: 400, code: BAD_REQUEST, message }, id);
  return false;
}
