import { createServer } from 'node:http';
import { createGuards, type GuardOptions } from './guards.ts';
import { takeAuthority } from './request-path.ts';

export interface MetricsAddress extends GuardOptions {
  readonly port: number;
}

/**
 * `GET /metrics` and nothing else, on a port of its own: what scrapes it need not reach the doors of the users. No token is
 * asked for, so Host and Origin are all that keeps a web page from reading it.
 */
export async function listenForMetrics(
  render: () => Promise<string>,
  contentType: string,
  { port, ...options }: MetricsAddress,
): Promise<{ port: number; close(): Promise<void> }> {
  const guards = createGuards(options);
  const server = createServer({ headersTimeout: 5_000, requestTimeout: 5_000 }, (req, res) => {
    const refusal = guards(req, takeAuthority(req));
    if (refusal !== undefined) {
      res
        .writeHead(refusal.status, { 'content-type': 'text/plain; charset=utf-8' })
        .end(`${refusal.message} ${refusal.hint}\n`);
    } else if (req.url?.split('?', 1)[0] !== '/metrics') {
      res.writeHead(404).end();
    } else if (req.method !== 'GET') {
      res.writeHead(405, { allow: 'GET' }).end();
    } else {
      render().then(
        (text) => res.writeHead(200, { 'content-type': contentType }).end(text),
        () => res.writeHead(500).end(),
      );
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, options.host, resolve);
  });
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
