import type { ServerResponse } from 'node:http';
import { visibleJson } from '../../invisible-text.ts';
import { exactJson } from '../../protocol/exact-number.ts';
import { withoutSecrets } from '../../server/without-secrets.ts';
import type { StreamEvent } from '../live/stream-event.ts';
import { problemOf } from './problem-response.ts';

export interface EventStreamOptions {
  readonly requestId: string;
  readonly scrub: (text: string) => string;
  /** Milliseconds between comments that keep proxies from closing a silent stream. */
  readonly keepAliveMs?: number;
  /** How long one who reads less than a piece is waited for, in milliseconds: then the connection is closed. */
  readonly takenMs?: number;
  /**
   * The events are told by work that ends by itself. The status is then that of its first event or its failure, where one
   * comes within {@link keepAliveMs}; and it is listened to until its end, whoever has left, for that is what it came to.
   */
  readonly ofWork?: boolean;
}

/**
 * Bytes that are sent at a time. A socket does not tell how much of what it was handed has been read: who reads a long event
 * slowly is told from who has stopped by the pieces.
 */
const PIECE = 65_536;

/**
 * Sends events as they come, and no faster than they are taken: who does not read is told later, and of what is so then, and
 * is given up when a while goes by without a piece. A failure on the way is the last event, `problem`, for the status is long gone.
 *
 * @throws what the events end with, once it is told; with nothing sent where it came first (`ofWork`)
 */
export async function sendEvents(
  res: ServerResponse,
  events: AsyncIterable<StreamEvent>,
  { requestId, scrub, keepAliveMs = 15_000, takenMs = 60_000, ofWork = false }: EventStreamOptions,
): Promise<void> {
  const told = events[Symbol.asyncIterator]();
  let next = told.next();
  if (ofWork) await firstOf(next, keepAliveMs);
  res.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  // Who waits for work sees that it is under way.
  res.flushHeaders();
  let isInEvent = false;
  const keepAlive = setInterval(() => {
    if (!isInEvent && !res.writableNeedDrain) res.write(': \n\n');
  }, keepAliveMs);
  const send = async ({ event, data }: StreamEvent): Promise<void> => {
    const json = visibleJson(withoutSecrets(exactJson(data), scrub));
    const bytes = Buffer.from(`event: ${event}\ndata: ${json}\n\n`);
    isInEvent = true;
    for (let at = 0; at < bytes.length && !res.destroyed; at += PIECE) {
      if (!res.write(bytes.subarray(at, at + PIECE))) await taken(res, takenMs);
    }
    isInEvent = false;
  };
  try {
    for (let one = await next; one.done !== true; one = await next) {
      if (res.destroyed && !ofWork) break;
      await send(one.value);
      next = told.next();
    }
  } catch (thrown) {
    await send({ event: 'problem', data: problemOf(thrown, requestId) });
    throw thrown;
  } finally {
    clearInterval(keepAlive);
    res.end();
    await told.return?.();
  }
}

/** Waits for it, or a while. @throws as it does */
async function firstOf(next: Promise<unknown>, withinMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, withinMs);
  });
  await Promise.race([next, late]).finally(() => clearTimeout(timer));
}

/** What was written is on its way, or nobody waits for it any more: whoever stops reading holds up neither the audit nor a stop. */
function taken(res: ServerResponse, withinMs: number): Promise<void> {
  return new Promise((resolve) => {
    const giveUp = (): void => {
      res.destroy();
      done();
    };
    const timer = setTimeout(giveUp, withinMs);
    const done = (): void => {
      clearTimeout(timer);
      res.off('drain', done);
      res.off('close', done);
      resolve();
    };
    res.once('drain', done);
    res.once('close', done);
    if (res.destroyed) done();
  });
}
