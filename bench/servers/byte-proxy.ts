/**
 * A reverse proxy that knows nothing of MCP: node:http in front, an undici pool behind, bytes through. What one more hop
 * costs at the least. BENCH_MODE: `request` (the pool's promise API, as anyone would write it) or `dispatch` (its barest).
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type Dispatcher, Pool } from 'undici';
import { listen } from './listen.ts';

const pool = new Pool(process.env['BENCH_UPSTREAM'] ?? '', { connections: 64, pipelining: 1 });
const pass = process.env['BENCH_MODE'] === 'dispatch' ? passByDispatch : passByRequest;

listen(createServer((req, res) => receive(req, (body) => pass(req, body, res))));

function receive(req: IncomingMessage, onBody: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => onBody(Buffer.concat(chunks)));
}

function requestOf(req: IncomingMessage, body: Buffer): Dispatcher.RequestOptions {
  const headers = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream'];
  for (const name of ['mcp-session-id', 'mcp-protocol-version']) {
    const value = req.headers[name];
    if (typeof value === 'string') headers.push(name, value);
  }
  return { path: req.url ?? '/', method: req.method === 'DELETE' ? 'DELETE' : 'POST', headers, body };
}

async function passByRequest(req: IncomingMessage, body: Buffer, res: ServerResponse): Promise<void> {
  if (req.method === 'GET') return void res.writeHead(405).end();
  try {
    const reply = await pool.request(requestOf(req, body));
    finish(res, reply.statusCode, reply.headers, Buffer.from(await reply.body.arrayBuffer()));
  } catch (thrown) {
    res.writeHead(502).end(String(thrown));
  }
}

function passByDispatch(req: IncomingMessage, body: Buffer, res: ServerResponse): void {
  if (req.method === 'GET') return void res.writeHead(405).end();
  const chunks: Buffer[] = [];
  let status = 0;
  let headers: Headers = {};
  pool.dispatch(requestOf(req, body), {
    onRequestStart() {},
    onResponseStart(_controller, statusCode, received) {
      status = statusCode;
      headers = received;
    },
    onResponseData: (_controller, chunk) => chunks.push(chunk),
    onResponseEnd: () => finish(res, status, headers, Buffer.concat(chunks)),
    onResponseError: (_controller, error) => res.writeHead(502).end(String(error)),
  });
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

function finish(res: ServerResponse, status: number, headers: Headers, body: Buffer): void {
  const session = headers['mcp-session-id'];
  res.writeHead(status, {
    'content-type': headers['content-type'] ?? 'application/json',
    'content-length': body.length,
    ...(session === undefined ? {} : { 'mcp-session-id': session }),
  });
  res.end(body);
}
