import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const lookEveryMs = 2_000;
const patienceMs = 8_000;

/** What a socket had sent when it was last seen to get on. */
interface Progress {
  sent: number;
  at: number;
}

/**
 * Cuts connections whose other side has stopped taking what we send: the kernel's buffers are full, so the rest waits
 * in our memory. Node's own time-out of a socket does not see them as long as they keep sending. One timer for all.
 */
export function cutStuckReaders(server: Server): void {
  const sockets = new Map<Socket, Progress>();
  const timer = setInterval(() => {
    const now = performance.now();
    for (const [socket, progress] of sockets) look(socket, progress, now);
  }, lookEveryMs).unref();
  server.on('connection', (socket) => {
    sockets.set(socket, { sent: 0, at: performance.now() });
    socket.once('close', () => sockets.delete(socket));
  });
  server.once('close', () => clearInterval(timer));
}

function look(socket: Socket, progress: Progress, now: number): void {
  const sent = socket.bytesWritten - socket.writableLength;
  if (socket.writableLength === 0 || sent !== progress.sent) {
    progress.sent = sent;
    progress.at = now;
  } else if (now - progress.at >= patienceMs) socket.destroy();
}
