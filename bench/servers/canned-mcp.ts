/**
 * The cheapest possible upstream: an MCP server that answers everything with bytes made beforehand, over HTTP (with a
 * session) or, with BENCH_MODE=stdio, over stdio. BENCH_RESOURCES: how many it lists; BENCH_LATENCY_MS delays answers.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isFields, parseMessage } from '../load/check-answer.ts';
import { createLineReader } from '../load/stdio-session.ts';
import { readAnswer } from './answer.ts';
import { listen } from './listen.ts';

const { text } = readAnswer();
const latencyMs = Number(process.env['BENCH_LATENCY_MS'] ?? 0);
const resources = Array.from({ length: Number(process.env['BENCH_RESOURCES'] ?? 0) }, (_, index) => ({
  uri: `bench://page/${index}`,
  name: `page-${index}`,
  mimeType: 'application/json',
}));
const callResult = JSON.stringify({ content: [{ type: 'text', text }] });
const toolList = JSON.stringify({
  tools: [
    { name: 'page', description: 'A page', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } },
  ],
});
const resourceList = JSON.stringify({ resources });

if (process.env['BENCH_MODE'] === 'stdio') serveStdio();
else listen(createServer((req, res) => receive(req, (body) => answerHttp(res, body))));

function serveStdio(): void {
  const read = createLineReader((line) => {
    const answer = answerTo(line);
    if (answer !== undefined) inTime(() => process.stdout.write(`${answer}\n`));
  });
  process.stdin.on('data', read);
  process.stdin.on('end', () => process.exit(0));
}

function receive(req: IncomingMessage, onBody: (body: string) => void): void {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => onBody(req.method === 'POST' ? Buffer.concat(chunks).toString() : ''));
}

function answerHttp(res: ServerResponse, body: string): void {
  if (body === '') return void res.writeHead(405).end();
  const answer = answerTo(body);
  if (answer === undefined) return void res.writeHead(202).end();
  const session = body.includes('"initialize"') ? { 'mcp-session-id': randomUUID() } : {};
  inTime(() => {
    const length = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) };
    res.writeHead(200, { ...length, ...session });
    res.end(answer);
  });
}

function inTime(send: () => void): void {
  if (latencyMs === 0) send();
  else setTimeout(send, latencyMs);
}

/** Undefined for a notification. */
function answerTo(body: string): string | undefined {
  const { id, method, params } = parseMessage(body) ?? {};
  if (id === undefined) return undefined;
  const result = resultOf(method, isFields(params) ? params : {});
  const head = `{"jsonrpc":"2.0","id":${JSON.stringify(id)}`;
  return result === undefined
    ? `${head},"error":{"code":-32601,"message":"Method not found"}}`
    : `${head},"result":${result}}`;
}

function resultOf(method: unknown, params: Readonly<Record<string, unknown>>): string | undefined {
  if (method === 'tools/call') return callResult;
  if (method === 'tools/list') return toolList;
  if (method === 'ping' || method === 'logging/setLevel') return '{}';
  if (method === 'resources/list') return resourceList;
  if (method === 'resources/templates/list') return '{"resourceTemplates":[]}';
  if (method === 'resources/read') return JSON.stringify({ contents: [{ uri: params['uri'], text }] });
  if (method !== 'initialize') return undefined;
  const capabilities = { tools: {}, ...(resources.length > 0 && { resources: {} }) };
  return JSON.stringify({
    protocolVersion: params['protocolVersion'],
    capabilities,
    serverInfo: { name: 'canned', version: '1' },
  });
}
