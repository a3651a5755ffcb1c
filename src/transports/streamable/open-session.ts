import type { IncomingMessage, ServerResponse } from 'node:http';
import { BAD_REQUEST, INVALID_PARAMS, INVALID_REQUEST } from '../../protocol/error-codes.ts';
import { SESSION_ID_HEADER } from '../../protocol/headers.ts';
import { type Fields, type RequestId, resultText } from '../../protocol/json-rpc.ts';
import type { Caller } from '../../tools/tool-source.ts';
import { initializeResult, negotiate, readHandshake } from '../handshake.ts';
import { refuse, writeJson } from '../http-reply.ts';
import type { SessionParts } from '../session-parts.ts';
import { recordText } from '../session-shelf.ts';
import type { SessionStore } from '../session-store.ts';
import { isVersionServed, keepingUp } from './find-session.ts';
import { HttpSession } from './http-session.ts';

/** Capabilities are kept as long as the session, so they must not be the memory of a thousand bodies. */
const MAX_HANDSHAKE_BYTES = 64 * 1024;
/** How long a client should stay away when every session is busy. */
const RETRY_AFTER_SECONDS = 30;

interface Opening {
  readonly parts: SessionParts;
  readonly sessions: SessionStore<HttpSession>;
  readonly caller: Caller;
  /** The length of the body as it came; a chunked one declares none. */
  readonly bytes: number;
}

/** Answers `initialize` with a new session ("Session Management", item 1). */
export function openSession(
  req: IncomingMessage,
  res: ServerResponse,
  body: Fields,
  id: RequestId,
  { parts, sessions, caller, bytes }: Opening,
): void {
  if (req.headers[SESSION_ID_HEADER] !== undefined) {
    refuse(res, { status: 400, code: INVALID_REQUEST, message: 'Invalid Request: Server already initialized' }, id);
    return;
  }
  const handshake = bytes > MAX_HANDSHAKE_BYTES ? undefined : readHandshake(body, id);
  if (handshake === undefined) {
    refuse(res, { status: 400, code: INVALID_PARAMS, message: 'Invalid params for initialize' }, id);
    return;
  }
  if (!isVersionServed(req, res, id)) return;
  const version = negotiate(handshake.params.protocolVersion);
  const record = { handshake, version, domains: caller.domains };
  const owner = { id: sessions.newId(), principal: caller.principal, lasting: sessions.lasting };
  const session = new HttpSession(owner, record, parts);
  if (!sessions.add(session)) {
    const headers = { 'retry-after': String(RETRY_AFTER_SECONDS) };
    refuse(res, { status: 503, code: BAD_REQUEST, message: 'Server busy: too many sessions', headers }, id);
    return;
  }
  sessions.keep(session, () => recordText(record));
  session.changed = keepingUp(sessions, session, record);
  const result = initializeResult(parts.catalog, session.caller, version);
  writeJson(res, 200, resultText(id, result), { [SESSION_ID_HEADER]: session.id });
}
