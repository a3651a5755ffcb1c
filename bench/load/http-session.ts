import { messageIn, parseMessage } from './check-answer.ts';
import { LeanConnection, type LeanReply } from './lean-connection.ts';
import type { CheckedLoadSpec } from './load-spec.ts';
import { baseHeaders, initialize, initialized, LEGACY_REVISION } from './messages.ts';
import { nextId, type Session } from './session.ts';

const PATH = '/mcp';

/** Streamable HTTP: the 2025 handshake and session, or (modern) one self-contained request at a time. */
export async function openHttpSession(spec: CheckedLoadSpec): Promise<Session> {
  const connections = Array.from({ length: spec.inFlight }, () => new LeanConnection(spec.origin, PATH));
  const headers = baseHeaders(spec);
  const [first] = connections;
  if (first !== undefined && spec.transport === 'http') Object.assign(headers, await handshake(first, headers));
  return {
    senders: connections.map((connection) => {
      const head = connection.head(headers);
      return (body) => connection.post(head, body).then(answerOf);
    }),
    close: () => {
      for (const connection of connections) connection.close();
    },
  };
}

async function handshake(connection: LeanConnection, headers: Record<string, string>): Promise<Record<string, string>> {
  const reply = await connection.post(connection.head(headers), initialize(nextId()));
  const text = messageIn(answerOf(reply));
  if (parseMessage(text)?.['result'] === undefined) throw new Error(`initialize: ${text.slice(0, 200)}`);
  const session = { 'mcp-session-id': reply.sessionId ?? '', 'mcp-protocol-version': LEGACY_REVISION };
  const accepted = await connection.post(connection.head({ ...headers, ...session }), initialized);
  if (accepted.status >= 300) throw new Error(`initialized answered ${accepted.status}`);
  return session;
}

function answerOf({ status, body }: LeanReply): Buffer {
  if (status !== 200) throw new Error(`HTTP ${status}: ${body.toString().slice(0, 120)}`);
  return body;
}
