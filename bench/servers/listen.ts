import type { Server } from 'node:http';

/** Listens where the runner says, on loopback, with sockets kept open between the rounds. */
export function listen(server: Server): void {
  server.keepAliveTimeout = 120_000;
  server.listen({ port: Number(process.env['PORT']), host: '127.0.0.1', backlog: 2_048 });
}
