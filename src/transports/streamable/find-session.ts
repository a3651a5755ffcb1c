import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../../companies/principal.ts';
import { BAD_REQUEST } from '../../protocol/error-codes.ts';
import { PROTOCOL_VERSION_HEADER, SESSION_ID_HEADER } from '../../protocol/headers.ts';
import type { RequestId } from '../../protocol/json-rpc.ts';
import { LEGACY_REVISIONS } from '../../protocol/revisions.ts';
import { ENDED, refuse } from '../http-reply.ts';
import { header } from '../request-headers.ts';
import type { SessionParts } from '../session-parts.ts';
import { type KeptSession, readRecord, recordText, type SessionRecord } from '../session-shelf.ts';
import type { SessionStore } from '../session-store.ts';
import { refuseUnknownSession } from '../unknown-session.ts';
import { HttpSession } from './http-session.ts';

/** Where a request's session is looked for. */
export interface SessionSearch {
  readonly sessions: SessionStore<HttpSession>;
  readonly parts: SessionParts;
  readonly principal: Principal;
  /** Of the request that is refused when there is none. */
  readonly id?: RequestId | null;
}

/**
 * Goes on with the principal's session that a request names: at once when it is here, soon when this process had it before
 * a restart. Else the request is refused.
 */
export function withSession(
  req: IncomingMessage,
  res: ServerResponse,
  search: SessionSearch,
  goOn: (session: HttpSession) => void,
): void {
  const { sessions, parts, principal, id = null } = search;
  const sessionId = header(req, SESSION_ID_HEADER);
  if (sessionId === undefined) {
    refuse(res, { status: 400, code: BAD_REQUEST, message: 'Bad Request: Mcp-Session-Id header is required' }, id);
    return;
  }
  const settle = (session: HttpSession | undefined): void => {
    if (session === undefined) refuseUnknownSession(req, res, sessions.limitGuesses, id);
    else if (isVersionServed(req, res, id)) goOn(session);
  };
  const session = sessions.find(sessionId, principal);
  const kept = session === undefined ? sessions.kept(sessionId, principal) : undefined;
  if (kept === undefined) {
    settle(session);
    return;
  }
  kept
    .then((found) => {
      if (res.destroyed) return;
      if (principal.live === false) refuse(res, ENDED, id);
      else settle(sessions.find(sessionId, principal) ?? takeUp(sessionId, found, search));
    })
    .catch(parts.onError);
}

/** The session as it was, but for its streams and what was in flight; undefined when there is none, or no room for it. */
function takeUp(
  id: string,
  kept: KeptSession | undefined,
  { sessions, parts, principal }: SessionSearch,
): HttpSession | undefined {
  const record = kept && readRecord(kept.record);
  if (kept === undefined || record === undefined) return undefined;
  const session = new HttpSession({ id, principal, lasting: true }, record, parts);
  if (!sessions.add(session)) return undefined;
  kept.restore();
  const keep = keepingUp(sessions, session, record);
  // Written down again when all are there, not with each of them; what was refused for now stays on record.
  session.changed = (change) => {
    if (change.watched === undefined) keep(change);
  };
  const before = record.watched ?? [];
  session
    .watchAgain(before)
    .then((watched) => {
      // One that has ended gave up nothing.
      if (!sessions.has(session)) return;
      session.changed = keep;
      if (watched.length !== before.length || !watched.every((uri) => before.includes(uri))) keep({ watched });
    })
    .catch(parts.onError);
  return session;
}

/** Writes the record of a session down anew whenever something of it changes. */
export function keepingUp(
  sessions: SessionStore<HttpSession>,
  session: HttpSession,
  record: SessionRecord,
): HttpSession['changed'] {
  let now = record;
  return (change) => {
    now = { ...now, ...change };
    sessions.keep(session, () => recordText(now));
  };
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
