import type { IncomingMessage, ServerResponse } from 'node:http';
import { BAD_REQUEST } from '../protocol/error-codes.ts';
import { type BodyProblem, readBody } from '../server/read-body.ts';
import type { Caller } from '../tools/tool-source.ts';
import { adoptTraceparent } from './adopt-traceparent.ts';
import { BODY_REFUSALS, ENDED, NOT_JSON, type Refusal, refuse } from './http-reply.ts';
import type { ModernEndpoint } from './modern-endpoint.ts';
import { readMessageText } from './read-message-text.ts';
import { acceptsAnswers, header, isJson } from './request-headers.ts';
import type { SessionParts } from './session-parts.ts';
import type { SessionStore } from './session-store.ts';
import type { SessionSearch } from './streamable/find-session.ts';
import type { HttpSession } from './streamable/http-session.ts';
import { endSession, openStream } from './streamable/legacy-get.ts';
import { LegacyPost } from './streamable/legacy-post.ts';
import { ModernPost } from './streamable/modern-post.ts';

const NOT_ALLOWED: Refusal = {
  status: 405,
  code: BAD_REQUEST,
  message: 'Method not allowed.',
  headers: { allow: 'GET, POST, DELETE' },
};
const NOT_ACCEPTABLE: Refusal = {
  status: 406,
  code: BAD_REQUEST,
  message: 'Not Acceptable: Client must accept both application/json and text/event-stream',
};
/** Streamable HTTP on Node's own request and response, for every revision that has it (basic/transports). */
export class StreamableHttp {
  readonly #parts: SessionParts;
  readonly #sessions: SessionStore<HttpSession>;
  readonly #legacy: LegacyPost;
  readonly #modern: ModernPost;

  constructor(parts: SessionParts, sessions: SessionStore<HttpSession>, modern: ModernEndpoint) {
    this.#parts = parts;
    this.#sessions = sessions;
    this.#legacy = new LegacyPost(parts, sessions);
    this.#modern = new ModernPost(parts, modern);
  }

  handle(req: IncomingMessage, res: ServerResponse, caller: Caller): void {
    if (req.method === 'POST') this.#post(req, res, caller);
    // The stateless revision is POST only; GET and DELETE are for sessions.
    else if (this.#modern.isNamedBy(req)) refuse(res, { ...NOT_ALLOWED, headers: { allow: 'POST' } });
    else if (req.method === 'GET') openStream(req, res, this.#searchFor(caller));
    else if (req.method === 'DELETE') endSession(req, res, this.#searchFor(caller));
    else refuse(res, NOT_ALLOWED);
  }

  #searchFor({ principal }: Caller): SessionSearch {
    return { sessions: this.#sessions, parts: this.#parts, principal };
  }

  #post(req: IncomingMessage, res: ServerResponse, caller: Caller): void {
    if (!acceptsAnswers(header(req, 'accept'))) refuse(res, NOT_ACCEPTABLE);
    else if (!isJson(header(req, 'content-type'))) refuse(res, NOT_JSON);
    else {
      readBody(req, (body) => {
        if (body.kind !== 'text') this.#refuseBody(res, body.kind);
        else if (caller.principal.live === false) refuse(res, ENDED);
        else this.#message(req, res, body.text, caller);
      });
    }
  }

  #refuseBody(res: ServerResponse, problem: BodyProblem): void {
    if (problem === 'too-large') this.#parts.onRefused('body');
    refuse(res, BODY_REFUSALS[problem]);
  }

  #message(req: IncomingMessage, res: ServerResponse, text: string, caller: Caller): void {
    const read = readMessageText(text);
    if (read.kind === 'refused') {
      refuse(res, read.refusal, read.id);
      return;
    }
    const body = read.message;
    if (this.#parts.traced) adoptTraceparent(body, req.headers);
    if (this.#modern.isNamedBy(req) || this.#modern.isClaimedBy(body)) this.#modern.handle(req, res, body, caller);
    else this.#legacy.handle(req, res, body, text, caller);
  }
}
