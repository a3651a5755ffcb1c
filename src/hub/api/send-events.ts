import type { ServerResponse } from 'node:http';
import { withoutSecrets } from '../../server/without-secrets.ts';
import type { StreamEvent } from '../live/stream-event.ts';
import { problemOf } from './problem-response.ts';

export interface EventStreamOptions {
  readonly requestId: string;
  readonly scrub: (text: string) => string;
  /** Milliseconds between comments that keep proxies from closing a silent stream. */
  readonly keepAliveMs?: number;
}

/** Sends events as they come; a failure on the way is the last event, `problem`, for the status is long gone. */
export async function sendEvents(
  res: ServerResponse,
  events: AsyncIterable<StreamEvent>,
  { requestId, scrub, keepAliveMs = 15_000 }: EventStreamOptions,
): Promise<void> {
  res.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  const keepAlive = setInterval(() => res.write(': \n\n'), keepAliveMs);
  const send = ({ event, data }: StreamEvent): void => {
    res.write(`event: ${event}\ndata: ${withoutSecrets(JSON.stringify(data), scrub)}\n\n`);
  };
  try {
    for await (const event of events) {
      if (res.destroyed) break;
      send(event);
    }
  } catch (thrown) {
    send({ event: 'problem', data: problemOf(thrown, requestId) });
  } finally {
    clearInterval(keepAlive);
    res.end();
  }
}
