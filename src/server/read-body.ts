import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { lingerBeforeClosing } from './linger.ts';

/** 4 MB: far above any honest request at any door, far below what would hurt. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Collects a request's body as text and reports once: the text and whether it was UTF-8, or undefined when it is larger than the limit. Nothing
 * more is kept then, and the answer has to end the connection. A request cut off by its sender is never reported.
 */
export function readBody(req: IncomingMessage, done: (text: string | undefined, isText: boolean) => void): void {
  if (Number(req.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    lingerBeforeClosing(req);
    done(undefined, false);
    return;
  }
  const chunks: Buffer[] = [];
  let size = 0;
  const onData = (chunk: Buffer): void => {
    size += chunk.length;
    if (size <= MAX_BODY_BYTES) {
      chunks.push(chunk);
      return;
    }
    req.off('data', onData).off('end', onEnd);
    lingerBeforeClosing(req);
    done(undefined, false);
  };
  const onEnd = (): void => {
    const [first] = chunks;
    const body = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, size);
    done(body.toString('utf8'), isUtf8(body));
  };
  req.on('data', onData).on('end', onEnd);
}
