import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fullAccess } from '../../../src/companies/principal.ts';
import {
  createMcpEndpoints,
  type McpEndpoints,
  type McpEndpointsOptions,
} from '../../../src/transports/mcp-endpoints.ts';

export interface OpenEndpoints {
  readonly endpoints: McpEndpoints;
  readonly url: string;
  readonly errors: unknown[];
  close(): Promise<void>;
}

/** The endpoints on a port of their own; `x-principal` says who asks. */
export async function openEndpoints(options: McpEndpointsOptions): Promise<OpenEndpoints> {
  const errors: unknown[] = [];
  const endpoints = createMcpEndpoints({ onError: (error) => errors.push(error), ...options });
  const principals = new Map<string, ReturnType<typeof fullAccess>>();
  const server: Server = createServer({ keepAliveTimeout: 65_000 }, (req, res) => {
    const id = String(req.headers['x-principal'] ?? 'local');
    const principal = principals.get(id) ?? fullAccess(id);
    principals.set(id, principal);
    const path = (req.url ?? '').split('?', 1)[0];
    if (path === '/mcp') endpoints.streamableHttp.handle(req, res, principal);
    else if (path === '/sse') endpoints.sse.open(req, res, principal);
    else if (path === '/messages') endpoints.sse.message(req, res, principal);
    else res.writeHead(404).end();
  });
  // A thousand connections come at once, and nobody accepts while this same loop opens them.
  const address = { port: 0, host: '127.0.0.1', backlog: 2_048 };
  await new Promise<void>((resolve) => server.listen(address, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoints,
    url: `http://127.0.0.1:${port}`,
    errors,
    close: async () => {
      await endpoints.close({ drainMs: 0 });
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
