/** The least that any server must do for the measured call, on plain node:http: parse, project the rows, stringify. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { isFields } from '../load/check-answer.ts';
import { type OmieCategory, omieCategory } from '../omie-pages.ts';
import { readAnswer } from './answer.ts';
import { listen } from './listen.ts';
import { handshake, project } from './raw-answer.ts';

const { structured } = readAnswer();
const resultado = isFields(structured['resultado']) ? structured['resultado'] : {};
const itens = Array.isArray(resultado['itens']) ? resultado['itens'] : [];
const rows: readonly OmieCategory[] = itens.map((_, index) => omieCategory(index));

listen(createServer((req, res) => receive(req, (body) => answer(res, body))));

function receive(req: IncomingMessage, onBody: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => onBody(Buffer.concat(chunks)));
}

function answer(res: ServerResponse, body: Buffer): void {
  const message: unknown = JSON.parse(body.toString());
  if (!isFields(message) || message['id'] === undefined) return void res.writeHead(202).end();
  const result = message['method'] === 'initialize' ? handshake : callResult();
  const text = JSON.stringify({ jsonrpc: '2.0', id: message['id'], result });
  res.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'mcp-session-id': 'raw',
  });
  res.end(text);
}

function callResult() {
  const page = { ...structured, resultado: { ...resultado, itens: rows.map(project) } };
  return { content: [{ type: 'text', text: JSON.stringify(page) }], structuredContent: page };
}
