// What the three domain servers share: one MCP server over Streamable HTTP at /mcp, on loopback.
import { createServer } from 'node:http';
import type { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';

/**
 * Serves until SIGTERM or SIGINT and says on stdout where: `invoicing: http://127.0.0.1:9101/mcp`.
 *
 * @param port the one used unless the environment says `PORT`; 0 is any free one
 * @param build a server for one request: nothing is kept between two of them
 */
export function serveDomain(name: string, port: number, build: () => McpServer): void {
  const http = createServer(async (request, response) => {
    if (request.url !== '/mcp') {
      response.writeHead(404).end();
      return;
    }
    if (request.method !== 'POST') {
      response.writeHead(405, { Allow: 'POST' }).end();
      return;
    }
    const server = build();
    const transport = new StreamableHTTPServerTransport({ enableJsonResponse: true });
    response.on('close', () => server.close());
    await server.connect(transport);
    await transport.handleRequest(request, response);
  });
  http.on('error', (error: NodeJS.ErrnoException) => {
    console.error(`${name}: ${error.code === 'EADDRINUSE' ? 'the port is taken; choose another with PORT' : error}`);
    process.exit(1);
  });
  http.listen(Number(process.env['PORT'] ?? port), '127.0.0.1', () => {
    const address = http.address();
    if (address !== null && typeof address === 'object') {
      console.log(`${name}: http://127.0.0.1:${address.port}/mcp`);
    }
  });
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => process.exit(0));
}

/** A tool's answer: the value for programs, and the same as text for models. */
export function answer(value: Record<string, unknown>) {
  return { content: [{ type: 'text' as const, text: JSON.stringify(value) }], structuredContent: value };
}

/** These tools look things up and change nothing, which is what tokens with `modo: leitura` ask for. */
export const readOnly = { readOnlyHint: true, openWorldHint: false };
