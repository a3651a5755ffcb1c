import { createServer, type Server } from 'node:http';
import type { RequestListener } from './app.ts';

export interface Listener {
  readonly port: number;
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
  const server: Server = createServer(
    { headersTimeout: 5_000, requestTimeout: 15_000, connectionsCheckingInterval: 1_000, keepAliveTimeout: 65_000 },
    handler,
  );
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, backlog: 2048 }, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
    closeAll: () => server.closeAllConnections(),
  };
}
