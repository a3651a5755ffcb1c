import { parseMessage } from './check-answer.ts';
import { createFrameReader } from './event-frames.ts';
import { HttpConnection } from './http-connection.ts';
import type { CheckedLoadSpec } from './load-spec.ts';
import { baseHeaders, initialize, initialized } from './messages.ts';
import { nextId, PendingAnswers, type Session } from './session.ts';

/** The older transport: requests by POST, answers on one event stream. */
export async function openSseSession(spec: CheckedLoadSpec): Promise<Session> {
  const stream = new HttpConnection(spec.origin);
  const connections = Array.from({ length: spec.inFlight }, () => new HttpConnection(spec.origin));
  const headers = baseHeaders(spec);
  const pending = new PendingAnswers();

  const endpoint = await new Promise<string>((resolve, reject) => {
    const read = createFrameReader((event, data) => {
      if (event === 'endpoint') resolve(data);
      else pending.take(data);
    });
    stream.stream(spec.streamPath, { accept: 'text/event-stream' }, read).catch(reject);
  });
  const { pathname, search } = new URL(endpoint, spec.origin);

  const senders = connections.map((connection) => async (body: string, id: number) => {
    const answer = pending.answerTo(id);
    const reply = await connection.post(pathname + search, headers, body);
    if (reply.status >= 300) throw new Error(`POST answered ${reply.status}: ${reply.text.slice(0, 120)}`);
    return answer;
  });
  const id = nextId();
  const answer = await senders[0]?.(initialize(id), id);
  if (parseMessage(answer ?? '')?.['result'] === undefined) throw new Error('initialize was refused');
  await connections[0]?.post(pathname + search, headers, initialized);
  return {
    senders,
    close: () => {
      for (const connection of [stream, ...connections]) connection.close();
    },
  };
}
