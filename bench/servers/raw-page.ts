/**
 * The least that any server must do for a call that no cache answers, on plain node:http: parse the request, ask Omie
 * through an undici pool, parse its page, project the rows, stringify. BENCH_UPSTREAM: origin of the fake Omie.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'undici';
import { z } from 'zod';
import { isFields } from '../load/check-answer.ts';
import type { OmieCategory } from '../omie-pages.ts';
import { listen } from './listen.ts';
import { handshake, project } from './raw-answer.ts';

const PATH = '/api/v1/geral/categorias/';
const HEADERS = { 'content-type': 'application/json', accept: 'application/json' };
const QUESTION = '{"call":"ListarCategorias","app_key":"p1-1","param":[{"pagina":1,"registros_por_pagina":50}]}';

const pool = new Pool(process.env['BENCH_UPSTREAM'] ?? '', { connections: 64, pipelining: 1 });
const pageSchema = z.object({ categoria_cadastro: z.array(z.unknown()) });
const isPage = (value: unknown): value is { categoria_cadastro: OmieCategory[] } => pageSchema.safeParse(value).success;

listen(createServer((req, res) => receive(req, (body) => void answer(res, body))));

function receive(req: IncomingMessage, onBody: (body: Buffer) => void): void {
  const chunks: Buffer[] = [];
  req.on('data', (chunk: Buffer) => chunks.push(chunk));
  req.on('end', () => onBody(Buffer.concat(chunks)));
}

async function answer(res: ServerResponse, body: Buffer): Promise<void> {
  const message: unknown = JSON.parse(body.toString());
  if (!isFields(message) || message['id'] === undefined) return void res.writeHead(202).end();
  const result = message['method'] === 'initialize' ? handshake : await callResult();
  const text = JSON.stringify({ jsonrpc: '2.0', id: message['id'], result });
  res.writeHead(200, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'mcp-session-id': 'raw',
  });
  res.end(text);
}

async function callResult() {
  const reply = await pool.request({ path: PATH, method: 'POST', headers: HEADERS, body: QUESTION });
  const page: unknown = JSON.parse(await reply.body.text());
  if (!isPage(page)) throw new Error('Omie answered no page.');
  const structured = { resultado: { itens: page.categoria_cadastro.map(project) } };
  return { content: [{ type: 'text', text: JSON.stringify(structured) }], structuredContent: structured };
}
