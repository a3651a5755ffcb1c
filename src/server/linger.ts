import type { IncomingMessage } from 'node:http';

/** What is still read of a refused body: enough for who did not look at the length first, nothing for who sends for ever. */
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_MS = 5_000;

/**
 * Lets the answer to a request of unread body arrive (RFC 9112 §9.6). A socket that is closed while its other side is still
 * sending is reset, and the reset takes the answer with it: many clients read nothing before they have sent everything.
 * So our side says that it is done, and drops what still comes, up to bounds in bytes and in time. Call it before
 * the answer, which has to say `Connection: close`.
 */
export function lingerBeforeClosing(req: IncomingMessage): void {
  const { socket } = req;
  const closeNow = socket.destroySoon.bind(socket);
  let dropped = 0;
  req.on('data', (chunk: Buffer) => {
    dropped += chunk.length;
    // The rest waits in the kernel, and its sender with it, until the time is over.
    if (dropped > MOST_BYTES) req.pause();
  });
  // Called by node when the answer has left.
  socket.destroySoon = () => {
    if (req.complete) {
      closeNow();
      return;
    }
    socket.end();
    const timer = setTimeout(() => socket.destroy(), MOST_MS);
    socket.once('close', () => clearTimeout(timer));
    req.once('end', closeNow);
  };
}
