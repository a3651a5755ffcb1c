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

/**
 * Sends events as they come, and no faster than they are taken: who does not read is told later, and of what is so then. A
 * failure on the way is the last event, `problem`, for the status is long gone.
 */
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
  const keepAlive = setInterval(() => {
    if (!res.writableNeedDrain) res.write(': \n\n');
  }, keepAliveMs);
  const send = async ({ event, data }: StreamEvent): Promise<void> => {
    const text = `event: ${event}\ndata: ${withoutSecrets(JSON.stringify(data), scrub)}\n\n`;
    if (!res.write(text)) await taken(res);
  };
  try {
    for await (const event of events) {
      if (res.destroyed) break;
      await send(event);
    }
  } catch (thrown) {
    await send({ event: 'problem', data: problemOf(thrown, requestId) });
  } finally {
    clearInterval(keepAlive);
    res.end();
  }
}

/** What was written is on its way, or nobody waits for it any more. */
function taken(res: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      res.off('drain', done);
      res.off('close', done);
      resolve();
    };
    res.once('drain', done);
    res.once('close', done);
    if (res.destroyed) done();
  });
}
