import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Principal } from '../companies/principal.ts';
import { BAD_REQUEST, SESSION_NOT_FOUND } from '../server/json-rpc.ts';
import { refuse } from './http-reply.ts';
import type { SessionParts } from './session-parts.ts';
import type { SessionStore } from './session-store.ts';
import type { SseSession } from './sse-session.ts';

/** How long a client should stay away when there is no room for its stream. */
const RETRY_AFTER_SECONDS = '30';

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
  open(_req: IncomingMessage, res: ServerResponse, principal: Principal): void {
    this.#open(res, principal).catch(this.#parts.onError);
  }

  /** The SDK's transport is loaded with the first stream: most servers never open one. */
  async #open(res: ServerResponse, principal: Principal): Promise<void> {
    const { SseSession } = await import('./sse-session.ts');
    if (res.destroyed) return;
    const session = new SseSession(this.#parts, principal, res, this.#messagesPath);
    if (!this.#sessions.add(session)) {
      const headers = { 'retry-after': RETRY_AFTER_SECONDS };
      refuse(res, { status: 503, code: BAD_REQUEST, message: 'Server busy: too many sessions', headers });
      return;
    }
    res.once('close', () => this.#sessions.remove(session.id));
    this.#parts.keepAlive.add(res);
    await session.open();
  }

  /** POST /messages?sessionId=… */
  message(req: IncomingMessage, res: ServerResponse, principal: Principal): void {
    const query = new URLSearchParams(req.url?.slice(req.url.indexOf('?') + 1));
    const session = this.#sessions.find(query.get('sessionId') ?? '', principal);
    if (session === undefined) {
      refuse(res, { status: 404, code: SESSION_NOT_FOUND, message: 'Session not found' });
      return;
    }
    session.receive(req, res).catch(this.#parts.onError);
  }
}
