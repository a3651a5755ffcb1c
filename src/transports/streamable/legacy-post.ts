import type { IncomingMessage, ServerResponse } from 'node:http';
import { INVALID_REQUEST } from '../../protocol/error-codes.ts';
import { echoableId, type Fields, isMessage, isRequestId, type RequestId } from '../../protocol/json-rpc.ts';
import { INITIALIZE } from '../../protocol/methods.ts';
import { BATCH_REVISION } from '../../protocol/revisions.ts';
import type { Caller } from '../../tools/tool-source.ts';
import { refuse, writeEmpty } from '../http-reply.ts';
import { messageProblem } from '../message-problem.ts';
import type { SessionParts } from '../session-parts.ts';
import type { SessionStore } from '../session-store.ts';
import { Exchange } from './exchange.ts';
import { withSession } from './find-session.ts';
import type { HttpSession } from './http-session.ts';
import { openSession } from './open-session.ts';

/** More than a batch needs, less than would keep the event loop for long. */
const MAX_BATCH = 100;

/** POST of the revisions with sessions: "Sending Messages to the Server" and "Session Management". */
export class LegacyPost {
  readonly #parts: SessionParts;
  readonly #sessions: SessionStore<HttpSession>;

  constructor(parts: SessionParts, sessions: SessionStore<HttpSession>) {
    this.#parts = parts;
    this.#sessions = sessions;
  }

  handle(req: IncomingMessage, res: ServerResponse, body: unknown, text: string, caller: Caller): void {
    const id = echoableId(body);
    if (isMessage(body) && body['method'] === INITIALIZE && id !== null) {
      const bytes = Buffer.byteLength(text);
      openSession(req, res, body, id, { parts: this.#parts, sessions: this.#sessions, caller, bytes });
      return;
    }
    const search = { sessions: this.#sessions, parts: this.#parts, principal: caller.principal, id };
    withSession(req, res, search, (session) => {
      const problem = Array.isArray(body) ? batchProblem(body, session.version) : messageProblem(body);
      if (problem !== undefined) refuse(res, { status: 400, code: INVALID_REQUEST, message: problem }, id);
      else this.#deliver(res, session, Array.isArray(body) ? body : [body], Array.isArray(body));
    });
  }

  #deliver(res: ServerResponse, session: HttpSession, messages: readonly unknown[], batch: boolean): void {
    const requests: { id: RequestId; message: Fields }[] = [];
    for (const message of messages) {
      if (!isMessage(message)) continue;
      const { id, method } = message;
      if (typeof method === 'string' && isRequestId(id)) requests.push({ id, message });
      else session.accept(message);
    }
    if (requests.length === 0) {
      writeEmpty(res, 202);
      return;
    }
    if (requests.length > 1) this.#parts.onBatch(session.principal, requests.length - 1);
    this.#parts.inFlight.enter();
    const exchange = new Exchange(res, session, requests.length, batch);
    for (const { id, message } of requests) session.request(message, id, exchange);
  }
}

function batchProblem(messages: readonly unknown[], version: string): string | undefined {
  if (version !== BATCH_REVISION) return `Invalid Request: protocol version ${version} has no batches`;
  if (messages.length === 0) return 'Invalid Request: empty batch';
  if (messages.length > MAX_BATCH) return `Invalid Request: a batch must not exceed ${MAX_BATCH} messages`;
  for (const message of messages) {
    const problem = messageProblem(message);
    if (problem !== undefined) return problem;
    if (isMessage(message) && message['method'] === INITIALIZE) return 'Invalid Request: initialize in a batch';
  }
  return undefined;
}
