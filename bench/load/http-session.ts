import { parseMessage } from './check-answer.ts';
import { lastData } from './event-frames.ts';
import { HttpConnection, type HttpReply } from './http-connection.ts';
import type { CheckedLoadSpec } from './load-spec.ts';
import { baseHeaders, initialize, initialized, LEGACY_REVISION } from './messages.ts';
import { nextId, type Session } from './session.ts';

const PATH = '/mcp';

/** Streamable HTTP: the 2025 handshake and session, or (modern) one self-contained request at a time. */
export async function openHttpSession(spec: CheckedLoadSpec): Promise<Session> {
  const connections = Array.from({ length: spec.inFlight }, () => new HttpConnection(spec.origin));
  const headers = baseHeaders(spec);
  const [first] = connections;
  if (first !== undefined && spec.transport === 'http') Object.assign(headers, await handshake(first, headers));
  return {
    senders: connections.map((connection) => async (body) => answerOf(await connection.post(PATH, headers, body))),
    close: () => {
      for (const connection of connections) connection.close();
    },
  };
}

async function handshake(connection: HttpConnection, headers: Record<string, string>): Promise<Record<string, string>> {
  const reply = await connection.post(PATH, headers, initialize(nextId()));
  if (parseMessage(answerOf(reply))?.['result'] === undefined)
    throw new Error(`initialize: ${reply.text.slice(0, 200)}`);
  const session = { 'mcp-session-id': reply.sessionId ?? '', 'mcp-protocol-version': LEGACY_REVISION };
  const accepted = await connection.post(PATH, { ...headers, ...session }, initialized);
  if (accepted.status >= 300) throw new Error(`initialized answered ${accepted.status}`);
  return session;
}

function answerOf(reply: HttpReply): string {
  if (reply.status !== 200) throw new Error(`HTTP ${reply.status}: ${reply.text.slice(0, 120)}`);
  return reply.contentType.startsWith('text/event-stream') ? lastData(reply.text) : reply.text;
}
