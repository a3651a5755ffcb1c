import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import type { CallContext, Caller } from '../tools/tool-source.ts';

/** A call over REST: it ends when its client hangs up, and tells nothing on the way. */
export function restContext(caller: Caller, req: Request, res: Response): CallContext {
  const abort = new AbortController();
  res.on('close', () => {
    if (!res.writableFinished) abort.abort();
  });
  return {
    ...caller,
    door: 'rest',
    traceparent: req.get('traceparent'),
    signal: abort.signal,
    requestId: randomUUID(),
    progress: () => {},
    log: () => {},
  };
}
