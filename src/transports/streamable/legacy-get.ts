import type { IncomingMessage, ServerResponse } from 'node:http';
import { BAD_REQUEST } from '../../protocol/error-codes.ts';
import { SESSION_ID_HEADER } from '../../protocol/headers.ts';
import { refuse, writeEmpty } from '../http-reply.ts';
import { acceptsEvents, header } from '../request-headers.ts';
import { EventStream } from './event-stream.ts';
import { type SessionSearch, withSession } from './find-session.ts';

/** GET: a stream for messages outside any request, or the rest of one that broke off ("Resumability"). */
export function openStream(req: IncomingMessage, res: ServerResponse, search: SessionSearch): void {
  if (!acceptsEvents(header(req, 'accept'))) {
    refuse(res, { status: 406, code: BAD_REQUEST, message: 'Not Acceptable: Client must accept text/event-stream' });
    return;
  }
  withSession(req, res, search, (session) => {
    const open = (): EventStream => {
      session.listenerCame();
      res.once('close', () => session.listenerLeft());
      return new EventStream(res, search.parts.keepAlive, { [SESSION_ID_HEADER]: session.id });
    };
    const lastId = header(req, 'last-event-id');
    if (lastId === undefined) session.listen(open());
    else if (!session.resume(lastId, open)) {
      refuse(res, { status: 400, code: BAD_REQUEST, message: 'Bad Request: unknown Last-Event-ID' });
    }
  });
}

/** DELETE: the client is done with its session ("Session Management", item 5). */
export function endSession(req: IncomingMessage, res: ServerResponse, search: SessionSearch): void {
  withSession(req, res, search, (session) => {
    search.sessions.remove(session.id);
    writeEmpty(res, 200);
  });
}
