import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fullAccess } from '../../src/companies/principal.ts';
import type { Catalog } from '../../src/server/catalog.ts';
import { createMcpEndpoints } from '../../src/transports/mcp-endpoints.ts';
import { createFixtureCatalog } from './fixture-catalog.ts';
import { interactiveFixtures } from './fixture-interactive.ts';

/** Only the Host check of the product's guards is repeated here; the suite looks for it. */
const LOCAL_HOST = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/;

interface FixtureOptions {
  readonly replica?: string;
  /** `legacy`: a server of the revisions with `initialize` alone, as most there are. */
  readonly era?: 'both' | 'legacy';
  /** Another catalog than the suite's. */
  readonly catalog?: Catalog;
}

/** The product's server and transports over the suite's fixtures. */
export async function startFixtureServer({
  replica,
  era = 'both',
  catalog = createFixtureCatalog(),
}: FixtureOptions = {}): Promise<{ url: string; port: number; close(): Promise<void> }> {
  const endpoints = createMcpEndpoints({ catalog, interactive: interactiveFixtures, replica });
  const principal = fullAccess('local');
  // Longer than nginx keeps an idle connection, as the product's own listener.
  const server = createServer({ keepAliveTimeout: 65_000 }, (req, res) => {
    const { host = '', origin } = req.headers;
    const local = LOCAL_HOST.test(host) && (origin === undefined || LOCAL_HOST.test(new URL(origin).host));
    const modern = req.headers['mcp-protocol-version'] === '2026-07-28';
    if (!local) res.writeHead(403).end();
    else if (era === 'legacy' && modern) res.writeHead(400).end();
    else endpoints.streamableHttp.handle(req, res, principal);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/mcp`,
    port,
    close: async () => {
      await endpoints.close({ drainMs: 0 });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
