import type { IncomingMessage, ServerResponse } from 'node:http';
import { SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/server';
import type { Principal } from '../../companies/principal.ts';
import { BAD_REQUEST, type RequestId } from '../../server/json-rpc.ts';
import { refuse } from '../http-reply.ts';
import { header } from '../request-headers.ts';
import type { SessionStore } from '../session-store.ts';
import { refuseUnknownSession } from '../unknown-session.ts';
import type { HttpSession } from './http-session.ts';

/**
 * The session a request names, or undefined once it has been refused. A session of another principal is as unknown as
 * one that never was: its id must not be worth stealing, nor its existence worth asking for.
 */
export function findSession(
  req: IncomingMessage,
  res: ServerResponse,
  sessions: SessionStore<HttpSession>,
  principal: Principal,
  id: RequestId | null = null,
): HttpSession | undefined {
  const sessionId = header(req, 'mcp-session-id');
  if (sessionId === undefined) {
    refuse(res, { status: 400, code: BAD_REQUEST, message: 'Bad Request: Mcp-Session-Id header is required' }, id);
    return undefined;
  }
  const session = sessions.find(sessionId);
  if (session === undefined || session.principal.id !== principal.id) {
    refuseUnknownSession(req, res, sessions.limitGuesses, id);
    return undefined;
  }
  return isVersionServed(req, res, id) ? session : undefined;
}

/** An unknown `MCP-Protocol-Version` is refused; none at all is taken for 2025-03-26 ("Protocol Version Header"). */
export function isVersionServed(req: IncomingMessage, res: ServerResponse, id: RequestId | null): boolean {
  const version = header(req, 'mcp-protocol-version');
  if (version === undefined || SUPPORTED_PROTOCOL_VERSIONS.includes(version)) return true;
  const supported = SUPPORTED_PROTOCOL_VERSIONS.join(', ');
  const message = `Bad Request: Unsupported protocol version: ${version} (supported versions: ${supported})`;
  refuse(res, { status: 400, code: BAD_REQUEST, message }, id);
  return false;
}
