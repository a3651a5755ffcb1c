import { Client, SSEClientTransport, SseError } from '@modelcontextprotocol/client';
import { timeLimit } from '../time-limit.ts';
import { explainConnection } from './connection-errors.ts';
import { fetchUnlessHeldOff } from './hold-off.ts';
import { PromptStreamableTransport } from './streamable-transport.ts';

export interface Target {
  readonly url: string;
  readonly token?: string | undefined;
  /** `http` is Streamable HTTP; `sse` the older transport with a stream and a place to post to. */
  readonly transport: 'http' | 'sse';
}

/** A live MCP session. */
export interface Connection {
  readonly client: Client;
  /** Aborts when the session is gone and only a new connection helps. */
  readonly lost: AbortSignal;
  /** Ends the session on the server where it can, then frees every socket. Never throws. */
  close(): Promise<void>;
}

/** The handshake wants a version; the built-in client speaks the server's own contract and has none of its own. */
const clientVersion = 'built-in';
/** A server that accepts the socket and then says nothing must not hold us. */
const connectTimeoutMs = 15_000;
/** Goodbye also stops what an interrupted session left running on the server; it is no reason to wait long. */
const goodbyeTimeoutMs = 1_000;

/** Opens a session; throws `ConnectionError` in Portuguese, or the signal's reason when aborted. */
export async function connect(target: Target, signal: AbortSignal): Promise<Connection> {
  signal.throwIfAborted();
  const url = new URL(target.url);
  const client = new Client({ name: 'omie-mcp-hub-client', version: clientVersion });
  const lost = new AbortController();
  const transport = createTransport(target, url);
  client.onclose = () => lost.abort();
  client.onerror = (error) => {
    if (target.transport === 'sse' && endsSession(error)) lost.abort(error);
  };

  const { signal: limit, end } = timeLimit(signal, connectTimeoutMs);
  try {
    // The signal given to the SDK covers the handshake, not the wait for the stream's first event.
    await untilAborted(client.connect(transport, { signal: limit }), limit);
  } catch (error) {
    // Without this the event source would go on reconnecting in the background.
    await transport.close().catch(() => undefined);
    signal.throwIfAborted();
    throw explainConnection(limit.aborted ? limit.reason : error, url);
  } finally {
    end();
  }
  const close = async (): Promise<void> => {
    if (transport instanceof PromptStreamableTransport) await sayGoodbye(transport);
    await client.close().catch(() => undefined);
  };
  return { client, lost: lost.signal, close };
}

function createTransport(target: Target, url: URL): PromptStreamableTransport | SSEClientTransport {
  const headers: Record<string, string> = target.token ? { Authorization: `Bearer ${target.token}` } : {};
  const options = { requestInit: { headers } };
  return target.transport === 'http'
    ? new PromptStreamableTransport(url, { ...options, fetch: fetchUnlessHeldOff })
    : new SSEClientTransport(url, options);
}

/**
 * The SDK's event source reconnects by itself, but to a new session that was never initialised: a broken stream, an
 * unreachable server or a session the server no longer knows all mean a new connection. A single refused post (429,
 * 503) does not.
 */
function endsSession(error: Error): boolean {
  return error instanceof SseError || error instanceof TypeError || /\(HTTP 404\)/.test(error.message);
}

async function sayGoodbye(transport: PromptStreamableTransport): Promise<void> {
  const limit = AbortSignal.timeout(goodbyeTimeoutMs);
  await untilAborted(transport.terminateSession(), limit).catch(() => undefined);
}

/** The promise's own outcome, or the signal's reason if that comes first. */
export function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
