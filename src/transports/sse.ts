import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../companies/principal.ts';
import { BAD_REQUEST, INVALID_REQUEST } from '../protocol/error-codes.ts';
import { echoableId } from '../protocol/json-rpc.ts';
import { type BodyProblem, readBody } from '../server/read-body.ts';
import type { Caller } from '../tools/tool-source.ts';
import { adoptTraceparent } from './adopt-traceparent.ts';
import { BODY_REFUSALS, NOT_JSON, refuse } from './http-reply.ts';
import { isWellFormed } from './message-problem.ts';
import { readMessageText } from './read-message-text.ts';
import { header, isJson } from './request-headers.ts';
import type { SessionParts } from './session-parts.ts';
import type { SessionStore } from './session-store.ts';
import { SseSession } from './sse-session.ts';
import { refuseUnknownSession } from './unknown-session.ts';

/** How long a client should stay away when there is no room for its stream. */
const RETRY_AFTER_SECONDS = '30';

/** What the SDK's server says; clients look at the status only. */
const ACCEPTED = 'Accepted';

/** The older HTTP+SSE transport (2024-11-05, "HTTP with SSE"): a GET that stays open and POSTs answered on it. */
export class Sse {
  readonly #parts: SessionParts;
  readonly #sessions: SessionStore<SseSession>;
  readonly #messagesPath: string;

  constructor(parts: SessionParts, sessions: SessionStore<SseSession>, messagesPath = '/messages') {
    this.#parts = parts;
    this.#sessions = sessions;
    this.#messagesPath = messagesPath;
  }

  /** GET /sse */
  open(_req: IncomingMessage, res: ServerResponse, caller: Caller): void {
    if (res.destroyed) return;
    const session = new SseSession(this.#sessions.newId(), this.#parts, caller, res);
    if (!this.#sessions.add(session)) {
      const headers = { 'retry-after': RETRY_AFTER_SECONDS };
      refuse(res, { status: 503, code: BAD_REQUEST, message: 'Server busy: too many sessions', headers });
      return;
    }
    res.once('close', () => this.#sessions.remove(session.id));
    this.#parts.keepAlive.add(res);
    session.open(this.#messagesPath);
  }

  /** POST /messages?sessionId=… */
  message(req: IncomingMessage, res: ServerResponse, principal: Principal): void {
    const query = new URLSearchParams(req.url?.slice(req.url.indexOf('?') + 1));
    const session = this.#sessions.find(query.get('sessionId') ?? '', principal);
    if (session === undefined) {
      refuseUnknownSession(req, res, this.#sessions.limitGuesses);
      return;
    }
    if (!isJson(header(req, 'content-type'))) refuse(res, NOT_JSON);
    else {
      readBody(req, (body) => {
        if (body.kind !== 'text') this.#refuseBody(res, body.kind);
        else this.#deliver(session, req, res, body.text);
      });
    }
  }

  #refuseBody(res: ServerResponse, problem: BodyProblem): void {
    if (problem === 'too-large') this.#parts.onRefused('body');
    refuse(res, BODY_REFUSALS[problem]);
  }

  /** The answers go out on the stream; the POST is told no more than that its message was taken. */
  #deliver(session: SseSession, req: IncomingMessage, res: ServerResponse, text: string): void {
    const read = readMessageText(text);
    if (read.kind === 'refused') {
      refuse(res, read.refusal, read.id);
      return;
    }
    const { message } = read;
    if (!isWellFormed(message)) {
      const problem = 'Invalid Request: not a JSON-RPC 2.0 message';
      refuse(res, { status: 400, code: INVALID_REQUEST, message: problem }, echoableId(message));
      return;
    }
    if (!this.#sessions.has(session)) {
      refuseUnknownSession(req, res, this.#sessions.limitGuesses, echoableId(message));
      return;
    }
    if (this.#parts.traced) adoptTraceparent(message, req.headers);
    if (!res.destroyed) res.writeHead(202, { 'content-length': ACCEPTED.length }).end(ACCEPTED);
    session.receive(message);
  }
}
