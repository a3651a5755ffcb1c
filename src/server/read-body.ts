import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { lingerBeforeClosing } from './linger.ts';

/** 4 MB: far above any honest request at any door, far below what would hurt. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** A request's body, or why it is not read. */
export type RequestBody = { readonly kind: 'text'; readonly text: string } | { readonly kind: BodyProblem };

/** `not-text` is no UTF-8: decoded all the same, each bad byte would be another character. `coded` has a Content-Encoding. */
export type BodyProblem = 'too-large' | 'not-text' | 'coded';

/**
 * Collects a request's body and reports once. Of one that is too large or coded nothing more is kept, and the answer has to
 * end the connection. A request cut off by its sender is never reported.
 */
export function readBody(req: IncomingMessage, done: (body: RequestBody) => void): void {
  const refuse = (kind: BodyProblem): void => {
    lingerBeforeClosing(req);
    done({ kind });
  };
  const coding = req.headers['content-encoding'];
  const isCoded = coding !== undefined && coding.toLowerCase() !== 'identity';
  if (isCoded || Number(req.headers['content-length'] ?? 0) > MAX_BODY_BYTES) {
    refuse(isCoded ? 'coded' : 'too-large');
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
    refuse('too-large');
  };
  const onEnd = (): void => {
    const [first] = chunks;
    const body = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks, size);
    done(isUtf8(body) ? { kind: 'text', text: body.toString('utf8') } : { kind: 'not-text' });
  };
  req.on('data', onData).on('end', onEnd);
}
