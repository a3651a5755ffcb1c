/** The bare official SDK 1.x, as its documentation wires it. BENCH_MODE: http (stateful), sse or stdio; BENCH_TOOLS: how many. */
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { type Answer, readAnswer } from './answer.ts';
import { answerShape, callShape, fillerDescription, fillerName, fillerShape } from './tool-shapes.ts';

const answer = readAnswer();
const tools = Number(process.env['BENCH_TOOLS'] ?? 1);
/** With an outputSchema, as our tool has one, the SDK also validates every answer. */
const declaresAnswer = process.env['BENCH_OUTPUT_SCHEMA'] !== 'none';
const mode = process.env['BENCH_MODE'];

if (mode === 'stdio') await serveStdio();
else await serveHttp();

function createMcpServer(): McpServer {
  const server = new McpServer({ name: 'sdk-v1', version: '1' });
  const config = {
    description: 'Lista categorias',
    inputSchema: callShape,
    ...(declaresAnswer && { outputSchema: answerShape }),
  };
  server.registerTool(answer.tool, config, () => resultOf(answer));
  for (let index = 1; index < tools; index += 1) {
    const filler = { description: fillerDescription(index), inputSchema: fillerShape };
    server.registerTool(fillerName(index), filler, () => resultOf(answer));
  }
  return server;
}

function resultOf({ structured }: Answer): CallToolResult {
  return { content: [{ type: 'text', text: JSON.stringify(structured) }], structuredContent: structured };
}

async function serveStdio(): Promise<void> {
  const { StdioServerTransport } = await import('@modelcontextprotocol/sdk/server/stdio.js');
  await createMcpServer().connect(new StdioServerTransport());
}

/** The web parts are loaded only here: over stdio nobody would load them. */
async function serveHttp(): Promise<void> {
  const { default: express } = await import('express');
  const { listen } = await import('./listen.ts');
  const app = express();
  app.use(express.json({ limit: '4mb' }));

  if (mode === 'sse') {
    const { SSEServerTransport } = await import('@modelcontextprotocol/sdk/server/sse.js');
    const transports = new Map<string, InstanceType<typeof SSEServerTransport>>();
    app.get('/sse', async (_req, res) => {
      const transport = new SSEServerTransport('/messages', res);
      transports.set(transport.sessionId, transport);
      res.on('close', () => transports.delete(transport.sessionId));
      await createMcpServer().connect(transport);
    });
    app.post('/messages', async (req, res) => {
      const transport = transports.get(String(req.query['sessionId']));
      if (transport === undefined) res.status(404).end();
      else await transport.handlePostMessage(req, res, req.body);
    });
  } else {
    const { StreamableHTTPServerTransport } = await import('@modelcontextprotocol/sdk/server/streamableHttp.js');
    const transports = new Map<string, InstanceType<typeof StreamableHTTPServerTransport>>();
    app.all('/mcp', async (req, res) => {
      const known = transports.get(req.get('mcp-session-id') ?? '');
      if (known !== undefined) {
        await known.handleRequest(req, res, req.body);
        return;
      }
      const transport = new StreamableHTTPServerTransport({
        sessionIdGenerator: () => randomUUID(),
        onsessioninitialized: (id) => {
          transports.set(id, transport);
        },
      });
      await createMcpServer().connect(transport);
      await transport.handleRequest(req, res, req.body);
    });
  }
  listen(createServer(app));
}
