/** The official SDK 2.x serving the 2026-07-28 revision: its createMcpHandler on node:http. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createMcpHandler, McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { readAnswer } from './answer.ts';
import { listen } from './listen.ts';
import { answerShape, callShape } from './tool-shapes.ts';

const answer = readAnswer();
const config = {
  description: 'Lista categorias',
  inputSchema: z.object(callShape),
  outputSchema: z.object(answerShape),
};

const handler = createMcpHandler(() => {
  const server = new McpServer({ name: 'sdk-v2', version: '1' }, { capabilities: { tools: {} } });
  server.registerTool(answer.tool, config, () => ({
    content: [{ type: 'text', text: JSON.stringify(answer.structured) }],
    structuredContent: answer.structured,
  }));
  return server;
});

listen(createServer((req, res) => void bridge(req, res)));

/** Node to Web and back, in the manner of the SDK's own `toNodeHandler` and with less: no drain wait, no abort signal. */
async function bridge(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const response = await handler.fetch(await toRequest(req));
  res.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body !== null) for await (const chunk of response.body) res.write(chunk);
  res.end();
}

async function toRequest(req: IncomingMessage): Promise<Request> {
  const headers = new Headers();
  for (const [name, value] of Object.entries(req.headers)) if (typeof value === 'string') headers.set(name, value);
  const url = `http://${req.headers.host}${req.url}`;
  if (req.method !== 'POST') return new Request(url, { method: req.method ?? 'GET', headers });
  let body = '';
  for await (const chunk of req.setEncoding('utf8')) body += String(chunk);
  return new Request(url, { method: 'POST', headers, body });
}
