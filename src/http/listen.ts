import { createServer, type Server } from 'node:http';
import { Server as TcpServer } from 'node:net';
import type { RequestListener } from './app.ts';

export interface Listener {
  readonly port: number;
  /**
   * Stops accepting at once, so that a balancer is refused and asks another replica. Connections that exist get their
   * next request answered, with `Connection: close`; none is cut while a request may be on its way to it.
   */
  leave(): void;
  /** Stops accepting; resolves when every connection is gone. Call {@link Listener.closeAll} to hurry. */
  close(): Promise<void>;
  closeAll(): void;
}

/**
 * Opens a port. The time-outs are for slow or stuck senders only: answers and event streams may last.
 *
 * @throws the system's error (`EADDRINUSE`, `EACCES`, …) when the port cannot be had.
 */
export async function listen(handler: RequestListener, host: string, port: number): Promise<Listener> {
  let leaving = false;
  const server: Server = createServer(
    { headersTimeout: 5_000, requestTimeout: 15_000, connectionsCheckingInterval: 1_000, keepAliveTimeout: 65_000 },
    (req, res) => {
      if (leaving) res.setHeader('connection', 'close');
      handler(req, res);
    },
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: 2048 }, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    leave() {
      leaving = true;
      // http's own close would also cut the idle connections, on which a request may just be arriving.
      TcpServer.prototype.close.call(server);
    },
    close: () =>
      new Promise((resolve) => {
        // A kept-alive connection that becomes idle after this moment would otherwise hold the close for a minute.
        const idle = setInterval(() => server.closeIdleConnections(), 100);
        server.close(() => {
          clearInterval(idle);
          resolve();
        });
        server.closeIdleConnections();
      }),
    closeAll: () => server.closeAllConnections(),
  };
}

/** What the system says of a port that cannot be had, e.g. `EADDRINUSE`; undefined for other errors. */
export function portProblem(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('syscall' in error) || !('code' in error)) return undefined;
  return error.syscall === 'listen' || error.syscall === 'getaddrinfo' ? String(error.code) : undefined;
}
