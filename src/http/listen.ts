import { createServer, type Server } from 'node:http';
import { Server as TcpServer } from 'node:net';
import type { RequestListener } from './app.ts';
import { EdgeResponse } from './edge-response.ts';
import { cutStuckReaders } from './stuck-readers.ts';

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

export interface ListenOptions {
  readonly host: string;
  readonly port: number;
  /** Connections are a proxy's own, which keeps them for later requests and must not find them closed. */
  readonly behindProxy: boolean;
}

/** How long headers may take, and the whole request with its body. Both are looked at once a second. */
const headersMs = 5_000;
const requestMs = 12_000;
/** A kept connection without a request. nginx keeps its own for 60 s, and must not send into one that just closed. */
const idleMs = 10_000;
const idleBehindProxyMs = 65_000;
const maxConnections = 10_000;

/**
 * Opens a port. Slow senders and readers who stopped reading are cut within 15 seconds; answers that take their time
 * and event streams may last.
 *
 * @throws the system's error (`EADDRINUSE`, `EACCES`, …) when the port cannot be had.
 */
export async function listen(handler: RequestListener, options: ListenOptions): Promise<Listener> {
  const { host, port, behindProxy } = options;
  let leaving = false;
  const server: Server = createServer(
    {
      ServerResponse: EdgeResponse,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: 1_000,
      keepAliveTimeout: behindProxy ? idleBehindProxyMs : idleMs,
    },
    (req, res) => {
      if (leaving) res.setHeader('connection', 'close');
      handler(req, res);
    },
  );
  server.maxConnections = maxConnections;
  cutStuckReaders(server);
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
