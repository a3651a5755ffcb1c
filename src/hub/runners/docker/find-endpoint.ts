/** Where on its port a server in a container speaks MCP. */
import { setTimeout as pause } from 'node:timers/promises';
import { fetch } from 'undici';
import { PING } from '../../../protocol/methods.ts';
import { HubError } from '../../problem.ts';

export interface Endpoint {
  readonly transport: 'http' | 'sse';
  readonly url: string;
}

const BETWEEN_MS = 200;
const ANSWER_MS = 5_000;

/**
 * Asks until somebody answers: `/mcp` for Streamable HTTP, whatever it says but that it is not there, and else `/sse` for
 * the older transport.
 *
 * @param origin `http://127.0.0.1:49153`
 * @param stillRuns throws when there is nobody left to answer
 * @throws HubError (`sem_executor`) for a server that has neither; the signal's reason when aborted
 */
export async function findEndpoint(
  origin: string,
  stillRuns: () => Promise<void>,
  signal: AbortSignal,
): Promise<Endpoint> {
  for (;;) {
    signal.throwIfAborted();
    const streamable = await statusAt(`${origin}/mcp`, true, signal);
    if (streamable !== undefined && streamable !== 404 && streamable < 500) {
      return { transport: 'http', url: `${origin}/mcp` };
    }
    if (streamable === 404) {
      if ((await statusAt(`${origin}/sse`, false, signal)) === 200) return { transport: 'sse', url: `${origin}/sse` };
      throw new HubError('sem_executor', 'O servidor responde na porta, mas não fala MCP em /mcp nem em /sse.', {
        hint: 'Confira port; sem port, o servidor é usado por stdin e stdout.',
      });
    }
    await stillRuns();
    await pause(BETWEEN_MS, undefined, { signal });
  }
}

/** Undefined while nobody answers: Docker opens the port before the server does. */
async function statusAt(url: string, post: boolean, signal: AbortSignal): Promise<number | undefined> {
  const limit = new AbortController();
  const stop = (): void => limit.abort();
  const timer = setTimeout(stop, ANSWER_MS);
  signal.addEventListener('abort', stop, { once: true });
  try {
    const { status, body } = await fetch(url, {
      ...(post
        ? {
            method: 'POST',
            body: JSON.stringify({ jsonrpc: '2.0', id: 'hub', method: PING }),
            headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
          }
        : { headers: { accept: 'text/event-stream' } }),
      redirect: 'manual',
      signal: limit.signal,
    });
    await body?.cancel();
    return status;
  } catch {
    return undefined;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}
